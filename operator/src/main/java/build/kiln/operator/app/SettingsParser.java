package build.kiln.operator.app;

import build.kiln.operator.imagebuild.RebuildSettings;
import build.kiln.operator.metrics.Meters;
import build.kiln.operator.pod.BuilderSettings;
import build.kiln.operator.pod.CacheClaim;
import build.kiln.operator.pod.CacheClaim.AccessMode;
import build.kiln.operator.pod.PodDefaults;
import build.kiln.operator.pod.RungSettings;
import build.kiln.operator.queue.Limits;
import build.kiln.protocol.Rung;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the settings from an environment.
final class SettingsParser {

    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:]+\\]|[^:\\[\\]]+):([0-9]{1,5})");

    private static final String SIZE_EXPECTED =
            "a whole number of bytes above 0, or one with a unit: k, M, G, T, Ki, Mi, Gi or Ti, for example 200Gi";

    /// No more digits than a number of bytes can have.
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,17}|[1-9][0-9]{0,5}(k|M|G|T|Ki|Mi|Gi|Ti)");

    private static final Pattern ENDPOINT = Pattern.compile("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~/-]*)?");
    private static final Pattern DURATION = Pattern.compile("(?=.)([0-9]{1,4}h)?([0-9]{1,4}m)?([0-9]{1,4}s)?");
    private static final Pattern ANY_URI = Pattern.compile("[a-z][a-z0-9+.-]*:[!-~]{1,1000}");
    private static final Pattern PROFILE = Pattern.compile("(?!/)(?!.*\\.\\.)[-A-Za-z0-9._/]{1,253}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final String RESOURCES_EXPECTED =
            "the JSON of a container's resources, for example {\"limits\":{\"memory\":\"4Gi\"}}";
    private static final int FEWEST_PIDS = 512;
    private static final int MAX_CONF_BYTES = 32 * 1024;
    private static final int MAX_CA_BYTES = 96 * 1024;

    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    SettingsParser(Map<String, String> environment) {
        this.environment = environment;
    }

    /// @throws IllegalArgumentException with all problems at once, one a line
    Settings parse() {
        refuseUnknown();
        BuilderSettings builder = new BuilderSettings(
                text(Settings.BUILDER_IMAGE),
                oneOf(Settings.PULL_POLICY, List.of("Always", "IfNotPresent", "Never")),
                claim(),
                new BuilderSettings.CacheLimits(size(Settings.CACHE_MAX_SIZE), size(Settings.CACHE_MIN_FREE)),
                matching(
                        Settings.PLATFORM,
                        Pattern.compile("[a-z0-9]+/[a-z0-9_]+"),
                        "os/architecture, for example linux/amd64"),
                rungs(),
                defaults(),
                duration(Settings.PLATFORM_WAIT),
                matching(Settings.BUILDER_ID, ANY_URI, "a URI, for example https://builders.example.com/team-a"));
        int perCluster = number(Settings.MAX_BUILDS);
        int perNamespace = number(Settings.MAX_BUILDS_PER_NAMESPACE);
        RebuildSettings rebuilding = new RebuildSettings(
                baseImageInterval(),
                oneOf(Settings.FLUX_SOURCES, List.of("watched", "ignored")).equals("watched")
                        ? RebuildSettings.Flux.WATCHED
                        : RebuildSettings.Flux.IGNORED);
        Duration keepPods = duration(Settings.KEEP_PODS);
        Set<String> namespaces = namespaces();
        InetSocketAddress http = address(Settings.HTTP_ADDRESS);
        Optional<Settings.Hooking> hooks = hooks();
        Optional<String> lease = optional(Settings.LEASE_NAMESPACE, NAME, "the name of a namespace");
        Optional<String> replica = optional(Settings.REPLICA, NAME, "the name of a pod");
        Meters.Grouping grouping = word(Settings.METRICS_GROUPING, Meters.Grouping.class);
        Settings.LogFormat logFormat = word(Settings.LOG_FORMAT, Settings.LogFormat.class);
        Optional<Settings.Traces> traces = traces();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "The operator's settings are wrong; see docs/operator.md.\n" + String.join("\n", problems));
        }
        return new Settings(
                builder,
                new Limits(perCluster, perNamespace),
                rebuilding,
                keepPods,
                namespaces,
                http,
                hooks,
                lease,
                replica,
                grouping,
                logFormat,
                traces);
    }

    private Optional<CacheClaim> claim() {
        Optional<String> name = optional(Settings.CACHE_CLAIM, NAME, "the name of a PersistentVolumeClaim");
        String size = matching(Settings.CACHE_SIZE, SIZE, SIZE_EXPECTED);
        Optional<String> storageClass = optional(Settings.CACHE_CLASS, NAME, "the name of a StorageClass");
        String mode = oneOf(
                Settings.CACHE_ACCESS_MODE,
                Arrays.stream(AccessMode.values()).map(AccessMode::word).toList());
        return problems.isEmpty()
                ? name.map(n -> new CacheClaim(n, size, storageClass, AccessMode.of(mode)))
                : Optional.empty();
    }

    private PodDefaults defaults() {
        Map<String, String> proxies = new TreeMap<>();
        for (String setting : List.of(Settings.HTTP_PROXY, Settings.HTTPS_PROXY, Settings.NO_PROXY)) {
            String value = text(setting);
            if (!value.isEmpty()) {
                proxies.put(setting.substring("KILN_BUILDER_".length()), value);
            }
        }
        return new PodDefaults(
                resources(),
                proxies,
                file(Settings.REGISTRIES_CONF, MAX_CONF_BYTES),
                file(Settings.CA_BUNDLE, MAX_CA_BYTES).map(this::certificates));
    }

    private ResourceRequirements resources() {
        String json = text(Settings.RESOURCES);
        if (json.isEmpty()) {
            return new ResourceRequirements();
        }
        try {
            ResourceRequirements read = Serialization.jsonMapper().readValue(json, ResourceRequirements.class);
            if (!read.getAdditionalProperties().isEmpty()) {
                problems.add(Settings.RESOURCES + " has the unknown field "
                        + String.join(
                                ", ",
                                new TreeSet<>(read.getAdditionalProperties().keySet())) + "; expected is "
                        + RESOURCES_EXPECTED + ".");
            }
            return read;
        } catch (JsonProcessingException e) {
            problems.add(Settings.RESOURCES + " cannot be read: " + e.getOriginalMessage() + "; expected is "
                    + RESOURCES_EXPECTED + ".");
            return new ResourceRequirements();
        }
    }

    private Optional<String> file(String name, int maxBytes) {
        String value = text(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] content = Files.readAllBytes(Path.of(value));
            if (content.length > maxBytes) {
                problems.add("%s names \"%s\", which has %d bytes; at most %d fit into a builder pod."
                        .formatted(name, value, content.length, maxBytes));
            }
            return Optional.of(new String(content, StandardCharsets.UTF_8));
        } catch (IOException | InvalidPathException e) {
            problems.add("%s names \"%s\", which cannot be read: %s.".formatted(name, value, e));
            return Optional.empty();
        }
    }

    private String certificates(String pem) {
        try {
            int count = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                    .size();
            if (count > 0) {
                return pem;
            }
            problems.add(Settings.CA_BUNDLE + " names a file without a certificate; expected are some in PEM form.");
        } catch (CertificateException e) {
            problems.add(Settings.CA_BUNDLE + " names a file with something else than certificates in PEM form: "
                    + e.getMessage() + ".");
        }
        return pem;
    }

    private RungSettings rungs() {
        String minimum = oneOf(
                Settings.ISOLATION_MINIMUM,
                Arrays.stream(Rung.values()).map(Rung::word).toList());
        return new RungSettings(
                Rung.of(minimum).orElse(Rung.ASSEMBLE),
                optional(
                        Settings.SECCOMP_PROFILE,
                        PROFILE,
                        "the name of a seccomp profile, for example profiles/kiln.json"),
                optional(Settings.APPARMOR_PROFILE, PROFILE, "the name of an AppArmor profile"),
                pids());
    }

    private int pids() {
        String value = text(Settings.PIDS_LIMIT);
        if (!value.matches("[0-9]{1,7}") || Integer.parseInt(value) < FEWEST_PIDS) {
            problems.add(Settings.PIDS_LIMIT + " is \"" + value + "\"; expected is a number from " + FEWEST_PIDS
                    + " to 9999999.");
            return FEWEST_PIDS;
        }
        return Integer.parseInt(value);
    }

    private void refuseUnknown() {
        Set<String> known =
                new TreeSet<>(Settings.ALL.stream().map(Settings.Setting::name).toList());
        for (String key : new TreeSet<>(environment.keySet())) {
            if (key.startsWith("KILN_") && !known.contains(key)) {
                problems.add(key + " is not a setting. The settings are " + String.join(", ", known) + ".");
            }
        }
    }

    private String text(String name) {
        Settings.Setting setting = Settings.ALL.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow();
        String value = environment.getOrDefault(name, "").strip();
        if (value.isEmpty() && setting.standard().isEmpty()) {
            problems.add(name + " is missing. " + setting.meaning());
        }
        return value.isEmpty() ? setting.standard().orElse("") : value;
    }

    private String oneOf(String name, List<String> words) {
        String value = text(name);
        if (!words.contains(value)) {
            problems.add(name + " is \"" + value + "\"; expected is one of " + String.join(", ", words) + ".");
        }
        return value;
    }

    /// The constant whose name is the word in capitals; the first one for a word that is none.
    private <E extends Enum<E>> E word(String name, Class<E> type) {
        E[] all = type.getEnumConstants();
        String value = oneOf(
                name,
                Arrays.stream(all)
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .toList());
        return Arrays.stream(all)
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(value))
                .findFirst()
                .orElse(all[0]);
    }

    private Optional<Settings.Traces> traces() {
        String endpoint = text(Settings.TRACES_ENDPOINT);
        Map<String, String> headers = new TreeMap<>();
        for (String header : text(Settings.TRACES_HEADERS).split(",", -1)) {
            String[] parts = header.strip().split("=", 2);
            if (parts.length == 2 && !parts[0].isBlank()) {
                decoded(parts[1]).ifPresent(value -> headers.put(parts[0].strip(), value));
            } else if (!header.isBlank()) {
                // Its text may be a credential.
                problems.add(Settings.TRACES_HEADERS + " has a part without \"=\"; expected is name=value, with commas"
                        + " between several.");
            }
        }
        if (endpoint.isEmpty()) {
            return Optional.empty();
        }
        if (!ENDPOINT.matcher(endpoint).matches()) {
            problems.add(
                    Settings.TRACES_ENDPOINT + " is \"" + endpoint
                            + "\"; expected is an http or https URL without user and query, for example http://collector:4318.");
            return Optional.empty();
        }
        return Optional.of(new Settings.Traces(URI.create(endpoint), headers));
    }

    /// Without a word of what it is: it may be a credential.
    private Optional<String> decoded(String value) {
        try {
            return Optional.of(URLDecoder.decode(value.strip().replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            problems.add(Settings.TRACES_HEADERS + " has a \"%\" without two hexadecimal digits after it; expected are"
                    + " values in the form of URLs, with %25 for \"%\".");
            return Optional.empty();
        }
    }

    private String matching(String name, Pattern pattern, String expected) {
        String value = text(name);
        if (!pattern.matcher(value).matches()) {
            problems.add(name + " is \"" + value + "\"; expected is " + expected + ".");
        }
        return value;
    }

    private Optional<String> optional(String name, Pattern pattern, String expected) {
        return text(name).isEmpty() ? Optional.empty() : Optional.of(matching(name, pattern, expected));
    }

    private OptionalLong size(String name) {
        String value = text(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!SIZE.matcher(value).matches()) {
            problems.add(name + " is \"" + value + "\"; expected is " + SIZE_EXPECTED + ".");
            return OptionalLong.empty();
        }
        return OptionalLong.of(Quantity.getAmountInBytes(new Quantity(value)).longValueExact());
    }

    private Duration duration(String name) {
        String value = text(name);
        Matcher parts = DURATION.matcher(value);
        if (!parts.matches()) {
            problems.add(name + " is \"" + value + "\"; expected is a duration, for example 10m or 1h30m.");
            return Duration.ZERO;
        }
        return Duration.parse("PT" + value.toUpperCase(Locale.ROOT));
    }

    private Duration baseImageInterval() {
        Duration interval = duration(Settings.BASE_IMAGE_INTERVAL);
        if (problems.isEmpty() && interval.compareTo(Duration.ofMinutes(1)) < 0) {
            problems.add(Settings.BASE_IMAGE_INTERVAL + " is \"" + text(Settings.BASE_IMAGE_INTERVAL)
                    + "\"; expected is a minute at least, for example 1h.");
        }
        return interval;
    }

    private int number(String name) {
        String value = text(name);
        if (!value.matches("[0-9]{1,6}")) {
            problems.add(name + " is \"" + value + "\"; expected is a number from 0 to 999999.");
            return 0;
        }
        return Integer.parseInt(value);
    }

    private Set<String> namespaces() {
        Set<String> names = new TreeSet<>();
        for (String name : text(Settings.WATCH_NAMESPACES).split(",", -1)) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        Function<String, String> complaint = name -> Settings.WATCH_NAMESPACES + " has \"" + name
                + "\" in it; expected are names of namespaces, with commas between them.";
        names.stream().filter(n -> !NAME.matcher(n).matches()).map(complaint).forEach(problems::add);
        return names;
    }

    private Optional<Settings.Hooking> hooks() {
        return text(Settings.HOOKS_ADDRESS).isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Settings.Hooking(address(Settings.HOOKS_ADDRESS), Path.of(text(Settings.HOOKS_SECRETS))));
    }

    private InetSocketAddress address(String name) {
        String value = text(name);
        var parts = ADDRESS.matcher(value);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
            problems.add(name + " is \"" + value + "\"; expected is address:port, for example 0.0.0.0:8080.");
            return new InetSocketAddress(0);
        }
        return new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2)));
    }
}
