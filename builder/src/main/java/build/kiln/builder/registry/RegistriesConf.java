package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.ImageReference;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where images really are: the `[[registry]]` tables of containers-registries.conf(5), version 2.
///
/// Short names stay Docker's (`docker.io/library/…`): `unqualified-search-registries` and `[aliases]` do not matter to
/// a Dockerfile.
record RegistriesConf(List<Rule> rules) {

    static final RegistriesConf EMPTY = new RegistriesConf(List.of());

    /// @param prefix of the names it is for: `host[:port][/path…]`, or `*.example.com`
    /// @param location takes the prefix's place in the name
    record Rule(String prefix, String location, boolean insecure, boolean blocked, List<Mirror> mirrors) {}

    record Mirror(String location, boolean insecure, PullFrom pulls) {}

    /// Which references are asked of a mirror.
    enum PullFrom {
        ALL,
        DIGEST_ONLY,
        TAG_ONLY;

        boolean fits(ImageReference image) {
            return switch (this) {
                case ALL -> true;
                case DIGEST_ONLY -> image.digest() != null;
                case TAG_ONLY -> image.digest() == null;
            };
        }
    }

    RegistriesConf {
        rules = List.copyOf(rules);
    }

    /// @throws RequestFailure `RequestInvalid` if the file cannot be read or breaks a rule of its format
    static RegistriesConf read(@Nullable Path file) {
        if (file == null) {
            return EMPTY;
        }
        try {
            byte[] text = Files.readAllBytes(file);
            if (isCommentOnly(text)) {
                return EMPTY;
            }
            JsonNode root = new TomlMapper().readTree(text);
            if (root.has("registries")) {
                throw broken(
                        file,
                        "is of version 1 ([registries.search], [registries.insecure], …).",
                        "Write it in version 2, with one [[registry]] table a registry.");
            }
            List<Rule> rules = new ArrayList<>();
            for (JsonNode table : root.path("registry")) {
                rules.add(rule(file, table));
            }
            rules.sort(Comparator.comparingInt((Rule rule) -> rule.prefix().length())
                    .reversed());
            return new RegistriesConf(rules);
        } catch (JsonProcessingException e) {
            throw broken(
                    file,
                    "is not TOML: line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage() + ".",
                    "Correct that line.");
        } catch (IOException e) {
            throw broken(file, "cannot be read (" + e + ").", "Check CONTAINERS_REGISTRIES_CONF and the file's mode.");
        }
    }

    /// As distributions install it: then nothing has to be loaded that reads TOML.
    private static boolean isCommentOnly(byte[] text) {
        return new String(text, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .allMatch(line -> line.isEmpty() || line.startsWith("#"));
    }

    private static Rule rule(Path file, JsonNode table) {
        String location = table.path("location").asText("");
        String prefix = table.path("prefix").asText(location);
        if (prefix.isEmpty()) {
            throw broken(
                    file,
                    "has a [[registry]] table with neither \"prefix\" nor \"location\".",
                    "Say which registry it is for, for example: location = \"registry.example.com\"");
        }
        if (location.isEmpty() && !prefix.startsWith("*.")) {
            location = prefix;
        }
        boolean digestOnly = flag(file, prefix, table, "mirror-by-digest-only");
        List<Mirror> mirrors = new ArrayList<>();
        for (JsonNode mirror : table.path("mirror")) {
            String at = mirror.path("location").asText("");
            if (at.isEmpty()) {
                throw broken(
                        file,
                        "has a [[registry.mirror]] without \"location\" in the table for \"" + prefix + "\".",
                        "Say where the mirror is, for example: location = \"mirror.example.com/hub\"");
            }
            mirrors.add(new Mirror(at, flag(file, prefix, mirror, "insecure"), pulls(file, mirror, digestOnly)));
        }
        return new Rule(
                prefix,
                location,
                flag(file, prefix, table, "insecure"),
                flag(file, prefix, table, "blocked"),
                List.copyOf(mirrors));
    }

    private static PullFrom pulls(Path file, JsonNode mirror, boolean digestOnly) {
        String word = mirror.path("pull-from-mirror").asText("");
        return switch (word) {
            case "" -> digestOnly ? PullFrom.DIGEST_ONLY : PullFrom.ALL;
            case "all" -> PullFrom.ALL;
            case "digest-only" -> PullFrom.DIGEST_ONLY;
            case "tag-only" -> PullFrom.TAG_ONLY;
            default ->
                throw broken(
                        file,
                        "has pull-from-mirror = \"" + word + "\".",
                        "Write \"all\", \"digest-only\" or \"tag-only\".");
        };
    }

    private static boolean flag(Path file, String prefix, JsonNode table, String key) {
        JsonNode value = table.path(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw broken(
                    file,
                    "has " + key + " = " + value + " in the table for \"" + prefix + "\".",
                    "Write true or false, without quotes.");
        }
        return value.asBoolean(false);
    }

    private static RequestFailure broken(Path file, String fact, String advice) {
        return new RequestFailure(Reason.RequestInvalid, file.toString(), "The file " + fact, advice);
    }

    /// Where to pull from, in the order in which to ask: the mirrors, then the registry itself.
    List<Source> sources(ImageReference image) {
        Optional<Rule> found = rule(image);
        if (found.isEmpty()) {
            return List.of(new Source(image.registry(), image.repository(), false, false));
        }
        List<Source> all = new ArrayList<>();
        Rule rule = found.get();
        for (Mirror mirror : rule.mirrors()) {
            if (mirror.pulls().fits(image)) {
                all.add(at(image, rule, mirror.location(), mirror.insecure(), true));
            }
        }
        all.add(at(image, rule, rule.location(), rule.insecure(), false));
        return List.copyOf(all);
    }

    /// Where to push to: the registry itself, never a mirror.
    Source target(ImageReference image) {
        return sources(image).getLast();
    }

    /// The table that forbids this image.
    Optional<Rule> blocking(ImageReference image) {
        return rule(image).filter(Rule::blocked);
    }

    private Optional<Rule> rule(ImageReference image) {
        return rules.stream().filter(rule -> covers(rule.prefix(), image)).findFirst();
    }

    private static boolean covers(String prefix, ImageReference image) {
        if (prefix.startsWith("*.")) {
            String host = image.registry();
            int port = host.indexOf(':');
            return (port < 0 || prefix.contains(":") ? host : host.substring(0, port)).endsWith(prefix.substring(1));
        }
        String name = image.toString();
        return name.startsWith(prefix)
                && (name.length() == prefix.length() || "/:@".indexOf(name.charAt(prefix.length())) >= 0);
    }

    private static Source at(ImageReference image, Rule rule, String location, boolean insecure, boolean mirror) {
        String name = image.name();
        if (!location.isEmpty()) {
            int covered = rule.prefix().startsWith("*.")
                    ? image.registry().length()
                    : Math.min(rule.prefix().length(), name.length());
            name = location + name.substring(covered);
        }
        int slash = name.indexOf('/');
        return new Source(name.substring(0, slash), name.substring(slash + 1), insecure, mirror);
    }
}
