package build.kiln.operator.app;

import build.kiln.operator.pod.BuilderSettings;
import build.kiln.operator.pod.CacheClaim;
import build.kiln.operator.pod.CacheClaim.AccessMode;
import build.kiln.operator.pod.RungSettings;
import build.kiln.operator.queue.Limits;
import io.fabric8.kubernetes.api.model.Quantity;
import build.kiln.protocol.Rung;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The operator's settings, all of them from environment variables that start with `KILN_`.
///
/// @param watchNamespaces empty: all namespaces
/// @param http where probes and metrics are served
/// @param leaseNamespace the namespace of the lease by which one of several replicas leads; empty: there is only one
public record Settings(
        BuilderSettings builder,
        Limits limits,
        Set<String> watchNamespaces,
        InetSocketAddress http,
        Optional<String> leaseNamespace) {

    /// A setting: its name, its default (none: it has to be given), and what it does. `docs/operator.md` lists these.
    record Setting(String name, Optional<String> standard, String meaning) {}

    private static final String BUILDER_IMAGE = "KILN_BUILDER_IMAGE";
    private static final String PULL_POLICY = "KILN_BUILDER_IMAGE_PULL_POLICY";
    private static final String CACHE_CLAIM = "KILN_BUILDER_CACHE_CLAIM";
    private static final String CACHE_SIZE = "KILN_BUILDER_CACHE_SIZE";
    private static final String CACHE_CLASS = "KILN_BUILDER_CACHE_CLASS";
    private static final String CACHE_ACCESS_MODE = "KILN_BUILDER_CACHE_ACCESS_MODE";
    private static final String CACHE_MAX_SIZE = "KILN_BUILDER_CACHE_MAX_SIZE";
    private static final String CACHE_MIN_FREE = "KILN_BUILDER_CACHE_MIN_FREE";
    private static final String PLATFORM = "KILN_BUILDER_PLATFORM";
    private static final String ISOLATION_MINIMUM = "KILN_BUILDER_ISOLATION_MINIMUM";
    private static final String SECCOMP_PROFILE = "KILN_BUILDER_SECCOMP_PROFILE";
    private static final String APPARMOR_PROFILE = "KILN_BUILDER_APPARMOR_PROFILE";
    private static final String MAX_BUILDS = "KILN_MAX_BUILDS";
    private static final String MAX_BUILDS_PER_NAMESPACE = "KILN_MAX_BUILDS_PER_NAMESPACE";
    private static final String WATCH_NAMESPACES = "KILN_WATCH_NAMESPACES";
    private static final String HTTP_ADDRESS = "KILN_HTTP_ADDRESS";
    private static final String LEASE_NAMESPACE = "KILN_LEASE_NAMESPACE";

    static final List<Setting> ALL = List.of(
            new Setting(BUILDER_IMAGE, Optional.empty(), "The image of the builder, of the operator's own release."),
            new Setting(
                    PULL_POLICY,
                    Optional.of("IfNotPresent"),
                    "When nodes pull the builder's image: `Always`, `IfNotPresent` or `Never`."),
            new Setting(
                    CACHE_CLAIM,
                    Optional.of(""),
                    "The PersistentVolumeClaim that holds the cache, by its name in the namespace of each build. One that is not there is made; one that is there is used as it is. Empty: there is none, and each pod starts with an empty cache."),
            new Setting(
                    CACHE_SIZE,
                    Optional.of("50Gi"),
                    "The size of a claim that is made, as a Kubernetes quantity."),
            new Setting(
                    CACHE_CLASS,
                    Optional.of(""),
                    "The StorageClass of a claim that is made. The cluster's default if it is empty."),
            new Setting(
                    CACHE_ACCESS_MODE,
                    Optional.of(AccessMode.READ_WRITE_ONCE.word()),
                    "The access mode of a claim that is made: `ReadWriteOnce` keeps the builder pods of a namespace on one node, `ReadWriteMany` lets them be anywhere."),
            new Setting(
                    CACHE_MAX_SIZE,
                    Optional.of(""),
                    "How much the cache of a namespace may take, as a Kubernetes quantity: `200Gi`. Empty: four fifths of the volume's file system."),
            new Setting(
                    CACHE_MIN_FREE,
                    Optional.of(""),
                    "How much the cache leaves free on the volume's file system, at most half of it: `10Gi`. Empty: a twentieth of it, at most 2 GiB."),
            new Setting(
                    PLATFORM,
                    Optional.of(ownPlatform()),
                    "The platform of the nodes that builders run on, as `os/architecture`. The default is the operator's own."),
            new Setting(
                    ISOLATION_MINIMUM,
                    Optional.of(Rung.ASSEMBLE.word()),
                    "The weakest isolation that a build may have: `userns`, `nested`, `chroot` or `assemble`, the strongest first. A build can demand more (`spec.isolation.minimum`), and not less."),
            new Setting(
                    SECCOMP_PROFILE,
                    Optional.of(""),
                    "A seccomp profile for builder pods of the isolation `userns` and `nested`: a file below the kubelet's folder of profiles. None if it is empty."),
            new Setting(
                    APPARMOR_PROFILE,
                    Optional.of(""),
                    "An AppArmor profile for the same pods, which has to be loaded on every node. The runtime's own if it is empty."),
            new Setting(MAX_BUILDS, Optional.of("0"), "How many builds run at once in the cluster; 0 is no limit."),
            new Setting(
                    MAX_BUILDS_PER_NAMESPACE,
                    Optional.of("0"),
                    "How many builds run at once in one namespace; 0 is no limit."),
            new Setting(
                    WATCH_NAMESPACES,
                    Optional.of(""),
                    "The namespaces that are watched, with commas between them. All of them if it is empty."),
            new Setting(
                    HTTP_ADDRESS,
                    Optional.of("0.0.0.0:8080"),
                    "Where `/healthz`, `/readyz` and `/metrics` are served, as `address:port`; port 0 takes any that is free."),
            new Setting(
                    LEASE_NAMESPACE,
                    Optional.of(""),
                    "The namespace of the Lease by which several replicas agree on one that works. Empty: there is only one replica."));

    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:]+\\]|[^:\\[\\]]+):([0-9]{1,5})");

    /// No more digits than a number of bytes can have.
    private static final String SIZE_EXPECTED =
            "a whole number of bytes above 0, or one with a unit: k, M, G, T, Ki, Mi, Gi or Ti, for example 200Gi";
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,17}|[1-9][0-9]{0,5}(k|M|G|T|Ki|Mi|Gi|Ti)");

    private static final Pattern PROFILE = Pattern.compile("(?!/)(?!.*\\.\\.)[-A-Za-z0-9._/]{1,253}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    public Settings {
        watchNamespaces = Set.copyOf(watchNamespaces);
    }

    /// @param environment all of it; what does not start with `KILN_` is passed over
    /// @throws IllegalArgumentException with all problems at once, one a line
    public static Settings parse(Map<String, String> environment) {
        return new Parser(environment).parse();
    }

    private static final class Parser {
        private final Map<String, String> environment;
        private final List<String> problems = new ArrayList<>();

        Parser(Map<String, String> environment) {
            this.environment = environment;
        }

        Settings parse() {
            refuseUnknown();
            BuilderSettings builder = new BuilderSettings(
                    text(BUILDER_IMAGE),
                    oneOf(PULL_POLICY, List.of("Always", "IfNotPresent", "Never")),
                    claim(),
                    new BuilderSettings.CacheLimits(size(CACHE_MAX_SIZE), size(CACHE_MIN_FREE)),
                    matching(
                            PLATFORM,
                            Pattern.compile("[a-z0-9]+/[a-z0-9_]+"),
                            "os/architecture, for example linux/amd64"),
                    rungs());
            int perCluster = number(MAX_BUILDS);
            int perNamespace = number(MAX_BUILDS_PER_NAMESPACE);
            Set<String> namespaces = namespaces();
            InetSocketAddress http = address();
            Optional<String> lease = optional(LEASE_NAMESPACE, NAME, "the name of a namespace");
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(
                        "The operator's settings are wrong; see docs/operator.md.\n" + String.join("\n", problems));
            }
            return new Settings(builder, new Limits(perCluster, perNamespace), namespaces, http, lease);
        }

        private Optional<CacheClaim> claim() {
            Optional<String> name = optional(CACHE_CLAIM, NAME, "the name of a PersistentVolumeClaim");
            String size = matching(CACHE_SIZE, SIZE, SIZE_EXPECTED);
            Optional<String> storageClass = optional(CACHE_CLASS, NAME, "the name of a StorageClass");
            String mode = oneOf(
                    CACHE_ACCESS_MODE,
                    Arrays.stream(AccessMode.values()).map(AccessMode::word).toList());
            return problems.isEmpty()
                    ? name.map(n -> new CacheClaim(n, size, storageClass, AccessMode.of(mode)))
                    : Optional.empty();
        }

        private RungSettings rungs() {
            String minimum = oneOf(
                    ISOLATION_MINIMUM,
                    Arrays.stream(Rung.values()).map(Rung::word).toList());
            return new RungSettings(
                    Rung.of(minimum).orElse(Rung.ASSEMBLE),
                    optional(SECCOMP_PROFILE, PROFILE, "the name of a seccomp profile, for example profiles/kiln.json"),
                    optional(APPARMOR_PROFILE, PROFILE, "the name of an AppArmor profile"));
        }

        private void refuseUnknown() {
            Set<String> known = new TreeSet<>(ALL.stream().map(Setting::name).toList());
            for (String key : new TreeSet<>(environment.keySet())) {
                if (key.startsWith("KILN_") && !known.contains(key)) {
                    problems.add(key + " is not a setting. The settings are " + String.join(", ", known) + ".");
                }
            }
        }

        private String text(String name) {
            Setting setting =
                    ALL.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
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
            return OptionalLong.of(
                    Quantity.getAmountInBytes(new Quantity(value)).longValueExact());
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
            for (String name : text(WATCH_NAMESPACES).split(",", -1)) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
            Function<String, String> complaint = name -> WATCH_NAMESPACES + " has \"" + name
                    + "\" in it; expected are names of namespaces, with commas between them.";
            names.stream()
                    .filter(n -> !NAME.matcher(n).matches())
                    .map(complaint)
                    .forEach(problems::add);
            return names;
        }

        private InetSocketAddress address() {
            String value = text(HTTP_ADDRESS);
            var parts = ADDRESS.matcher(value);
            if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
                problems.add(
                        HTTP_ADDRESS + " is \"" + value + "\"; expected is address:port, for example 0.0.0.0:8080.");
                return new InetSocketAddress(0);
            }
            return new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2)));
        }
    }

    private static String ownPlatform() {
        String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return "linux/"
                + switch (architecture) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> architecture;
                };
    }
}
