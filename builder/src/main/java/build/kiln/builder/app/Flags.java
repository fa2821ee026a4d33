package build.kiln.builder.app;

import build.kiln.builder.execute.RunSettings;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.Bounds;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.ResourceLimit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The values of flags, each read into its type. What is wrong names the flag and the value.
final class Flags {

    private Flags() {}

    /// `KEY=VALUE`, as often as the flag stands there; the last one of a key counts.
    static Map<String, String> keyValues(String flag, List<String> texts) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals <= 0) {
                throw wrong(flag, text, "it is not of the form KEY=VALUE.", "Write " + flag + " " + text + "=VALUE.");
            }
            all.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return all;
    }

    /// `NAME=VALUE`, or `NAME` alone, which takes its value from the environment if it is set there.
    static Map<String, String> buildArgs(List<String> texts, Environment environment) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals > 0) {
                all.put(text.substring(0, equals), text.substring(equals + 1));
            } else if (equals < 0 && !text.isEmpty()) {
                String value = environment.variables().get(text);
                if (value != null) {
                    all.put(text, value);
                }
            } else {
                throw wrong("--build-arg", text, "it has no name.", "Write --build-arg NAME=VALUE.");
            }
        }
        environment.sourceDateEpoch().ifPresent(epoch -> all.putIfAbsent("SOURCE_DATE_EPOCH", epoch));
        return all;
    }

    /// @param flag what stands in front of the word, for messages
    static Compression compression(String flag, String word) {
        return switch (word) {
            case "gzip" -> Compression.GZIP;
            case "zstd" -> Compression.ZSTD;
            case "none", "uncompressed" -> Compression.NONE;
            default ->
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        flag + word,
                        "there is no such compression.",
                        "Choose gzip, zstd or uncompressed.");
        };
    }

    static ImageReference reference(String flag, String text) {
        return parsed(flag, text, ImageReference::parse, "Write it as registry/repository:tag.");
    }

    /// The platforms of the build, each once; none if the user named none.
    static List<Platform> platforms(List<String> texts) {
        return texts.stream()
                .map(text -> parsed("--platform", text, Platform::parse, "Write it as linux/amd64."))
                .distinct()
                .toList();
    }

    static Isolation.Rung rung(String flag, String text) {
        return Arrays.stream(Isolation.Rung.values())
                .filter(rung -> rung.word().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        wrong(flag, text, "there is no such isolation.", "Choose userns, nested, chroot or assemble."));
    }

    static Step.Network network(String text) {
        return switch (text) {
            case "default", "" -> Step.Network.DEFAULT;
            case "none" -> Step.Network.NONE;
            case "host" -> Step.Network.HOST;
            default -> throw wrong("--network", text, "there is no such network.", "Choose default, none or host.");
        };
    }

    /// `device=NAME` is the entitlement `device`, for the devices that [#allowedDevices] gives.
    static Set<PlanRequest.Entitlement> allowed(List<String> words) {
        Set<PlanRequest.Entitlement> all = new HashSet<>();
        for (String word : words) {
            String kind = word.startsWith("device=") ? "device" : word;
            all.add(Arrays.stream(PlanRequest.Entitlement.values())
                    .filter(one -> one.word().equals(kind))
                    .findFirst()
                    .orElseThrow(() -> wrong(
                            "--allow",
                            word,
                            "there is no such entitlement.",
                            "Choose network.host, security.insecure, device or device=NAME.")));
        }
        return all;
    }

    /// The devices of `--allow device=NAME`; none if `device` alone allows them all.
    static Set<String> allowedDevices(List<String> words) {
        if (words.contains("device")) {
            return Set.of();
        }
        return words.stream()
                .filter(word -> word.startsWith("device="))
                .map(word -> word.substring("device=".length()))
                .collect(Collectors.toSet());
    }

    /// `name:address` or `name=address`.
    static Map<String, String> hosts(List<String> texts) {
        Map<String, String> all = new HashMap<>();
        for (String text : texts) {
            int at = text.indexOf('=') > 0 ? text.indexOf('=') : text.indexOf(':');
            if (at <= 0 || at == text.length() - 1) {
                throw wrong("--add-host", text, "it is not of the form HOST:IP.", "Write --add-host db:10.0.0.7.");
            }
            String address = text.substring(at + 1);
            all.put(
                    text.substring(0, at),
                    address.startsWith("[") && address.endsWith("]")
                            ? address.substring(1, address.length() - 1)
                            : address);
        }
        return all;
    }

    /// `name=soft[:hard]`.
    static List<ResourceLimit> limits(List<String> texts) {
        return texts.stream()
                .map(text -> parsed("--ulimit", text, Flags::limit, "Write --ulimit nofile=1024:2048."))
                .toList();
    }

    private static ResourceLimit limit(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException("it is not of the form name=soft[:hard]");
        }
        String[] values = text.substring(equals + 1).split(":", 2);
        long soft = Long.parseLong(values[0]);
        long hard = values.length == 1 ? soft : Long.parseLong(values[1]);
        return new ResourceLimit(text.substring(0, equals), soft, hard);
    }

    /// `64m`, `1g`, `65536`; 0 for an empty text.
    static long size(String flag, String text) {
        if (text.isEmpty()) {
            return 0;
        }
        String lower = text.toLowerCase(Locale.ROOT).replaceFirst("i?b$", "");
        int shift = switch (lower.isEmpty() ? ' ' : lower.charAt(lower.length() - 1)) {
            case 'k' -> 10;
            case 'm' -> 20;
            case 'g' -> 30;
            default -> 0;
        };
        String number = shift == 0 ? lower : lower.substring(0, lower.length() - 1);
        if (!number.matches("[0-9]{1,12}")) {
            throw wrong(flag, text, "it is not a size.", "Write a number of bytes, or one with k, m or g: 128m.");
        }
        return Long.parseLong(number) << shift;
    }

    /// How many processes a RUN may have; the usual number for an empty text.
    static int processes(String text) {
        if (text.isEmpty()) {
            return Bounds.USUAL_PROCESSES;
        }
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) < Bounds.FEWEST_PROCESSES) {
            throw wrong(
                    "--pids-limit",
                    text,
                    "it is not a number of at least " + Bounds.FEWEST_PROCESSES + ".",
                    "Write --pids-limit " + Bounds.USUAL_PROCESSES + ".");
        }
        return Integer.parseInt(text);
    }

    /// `id=ID,src=FILE` or `id=ID,env=NAME`.
    static Map<String, RunSettings.SecretSource> secrets(List<String> texts, Environment environment) {
        Map<String, RunSettings.SecretSource> all = new HashMap<>();
        for (String text : texts) {
            KeyValues keys = KeyValues.parse("--secret", text);
            String id = keys.need("id");
            String type = keys.takeOr("type", "");
            String source = keys.take("src");
            String file = source != null ? source : keys.take("source");
            String variable = keys.take("env");
            keys.nothingLeft(List.of("id", "type", "src", "source", "env"));
            boolean fromVariable = variable != null || type.equals("env");
            String name = variable != null ? variable : fromVariable && file != null ? file : id;
            all.put(id, fromVariable ? variable(keys, name, environment) : file(keys, file == null ? id : file));
        }
        return all;
    }

    private static RunSettings.SecretSource variable(KeyValues keys, String name, Environment environment) {
        String value = environment.variables().get(name);
        if (value == null) {
            throw keys.wrong("the environment variable \"" + name + "\" is not set");
        }
        return () -> value.getBytes(StandardCharsets.UTF_8);
    }

    private static RunSettings.SecretSource file(KeyValues keys, String name) {
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw keys.wrong("there is no file \"" + name + "\"");
        }
        return () -> Files.readAllBytes(file);
    }

    private static <T> T parsed(String flag, String text, Function<String, T> parse, String advice) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw wrong(flag, text, e.getMessage() + ".", advice);
        }
    }

    private static RequestFailure wrong(String flag, String text, String fact, String advice) {
        return new RequestFailure(Reason.RequestInvalid, flag + " " + text, fact, advice);
    }
}
