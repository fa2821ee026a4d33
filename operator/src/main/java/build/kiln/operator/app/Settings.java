package build.kiln.operator.app;

import build.kiln.operator.imagebuild.RebuildSettings;
import build.kiln.operator.metrics.Meters;
import build.kiln.operator.pod.BuilderSettings;
import build.kiln.operator.pod.CacheClaim.AccessMode;
import build.kiln.operator.pod.RungSettings;
import build.kiln.operator.queue.Limits;
import build.kiln.protocol.Rung;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The operator's settings, all of them from environment variables that start with `KILN_`.
///
/// @param keepPods so long a finished pod is kept, at the most
/// @param watchNamespaces empty: all namespaces
/// @param http where probes and metrics are served
/// @param hooks where git servers tell of pushes; empty: nowhere
/// @param leaseNamespace the namespace of the lease by which one of several replicas leads; empty: there is only one
/// @param replica this replica's name in the lease; empty: each start has a new one
public record Settings(
        BuilderSettings builder,
        Limits limits,
        RebuildSettings rebuilding,
        Duration keepPods,
        Set<String> watchNamespaces,
        InetSocketAddress http,
        Optional<Hooking> hooks,
        Optional<String> leaseNamespace,
        Optional<String> replica,
        Meters.Grouping metrics,
        LogFormat logFormat,
        Optional<Traces> traces) {

    /// Where traces go.
    ///
    /// @param endpoint without `/v1/traces`
    /// @param headers of each request
    record Traces(URI endpoint, Map<String, String> headers) {
        Traces {
            headers = Map.copyOf(headers);
        }
    }

    /// What the log's lines are.
    enum LogFormat {
        /// A JSON object each.
        JSON,
        /// For people.
        TEXT
    }

    /// @param address where webhooks are heard
    /// @param secrets the folder with what they are signed with
    public record Hooking(InetSocketAddress address, Path secrets) {}

    /// A setting: its name, its default (none: it has to be given), and what it does. `docs/operator.md` lists these.
    record Setting(String name, Optional<String> standard, String meaning) {}

    static final String BUILDER_IMAGE = "KILN_BUILDER_IMAGE";
    static final String PULL_POLICY = "KILN_BUILDER_IMAGE_PULL_POLICY";
    static final String CACHE_CLAIM = "KILN_BUILDER_CACHE_CLAIM";
    static final String CACHE_SIZE = "KILN_BUILDER_CACHE_SIZE";
    static final String CACHE_CLASS = "KILN_BUILDER_CACHE_CLASS";
    static final String CACHE_ACCESS_MODE = "KILN_BUILDER_CACHE_ACCESS_MODE";
    static final String CACHE_MAX_SIZE = "KILN_BUILDER_CACHE_MAX_SIZE";
    static final String CACHE_MIN_FREE = "KILN_BUILDER_CACHE_MIN_FREE";
    static final String PLATFORM = "KILN_BUILDER_PLATFORM";
    static final String ISOLATION_MINIMUM = "KILN_BUILDER_ISOLATION_MINIMUM";
    static final String SECCOMP_PROFILE = "KILN_BUILDER_SECCOMP_PROFILE";
    static final String APPARMOR_PROFILE = "KILN_BUILDER_APPARMOR_PROFILE";
    static final String PIDS_LIMIT = "KILN_BUILDER_PIDS_LIMIT";
    static final String PLATFORM_WAIT = "KILN_BUILDER_PLATFORM_WAIT";
    static final String BUILDER_ID = "KILN_BUILDER_ID";
    static final String RESOURCES = "KILN_BUILDER_RESOURCES";
    static final String HTTP_PROXY = "KILN_BUILDER_HTTP_PROXY";
    static final String HTTPS_PROXY = "KILN_BUILDER_HTTPS_PROXY";
    static final String NO_PROXY = "KILN_BUILDER_NO_PROXY";
    static final String REGISTRIES_CONF = "KILN_BUILDER_REGISTRIES_CONF";
    static final String CA_BUNDLE = "KILN_BUILDER_CA_BUNDLE";
    static final String MAX_BUILDS = "KILN_MAX_BUILDS";
    static final String MAX_BUILDS_PER_NAMESPACE = "KILN_MAX_BUILDS_PER_NAMESPACE";
    static final String BASE_IMAGE_INTERVAL = "KILN_BASE_IMAGE_INTERVAL";
    static final String FLUX_SOURCES = "KILN_FLUX_SOURCES";
    static final String WATCH_NAMESPACES = "KILN_WATCH_NAMESPACES";
    static final String HTTP_ADDRESS = "KILN_HTTP_ADDRESS";
    static final String KEEP_PODS = "KILN_KEEP_PODS";
    static final String METRICS_GROUPING = "KILN_METRICS_GROUPING";
    static final String LOG_FORMAT = "KILN_LOG_FORMAT";
    static final String HOOKS_ADDRESS = "KILN_HOOKS_ADDRESS";
    static final String HOOKS_SECRETS = "KILN_HOOKS_SECRETS";
    static final String LEASE_NAMESPACE = "KILN_LEASE_NAMESPACE";
    static final String REPLICA = "KILN_REPLICA";

    /// OpenTelemetry's own names.
    static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
    static final String TRACES_HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";

    static final List<Setting> ALL = List.of(
            new Setting(BUILDER_IMAGE, Optional.empty(), "The image of the builder, of the operator's own release."),
            new Setting(
                    PULL_POLICY,
                    Optional.of("IfNotPresent"),
                    "When nodes pull the builder's image: `Always`, `IfNotPresent` or `Never`."),
            new Setting(
                    CACHE_CLAIM,
                    Optional.of(""),
                    "The PersistentVolumeClaim that holds the cache, by its name in the namespace of each build. One"
                            + " that is not there is made; one that is there is used as it is. Empty: there is none, and"
                            + " each pod starts with an empty cache."),
            new Setting(CACHE_SIZE, Optional.of("50Gi"), "The size of a claim that is made, as a Kubernetes quantity."),
            new Setting(
                    CACHE_CLASS,
                    Optional.of(""),
                    "The StorageClass of a claim that is made. The cluster's default if it is empty."),
            new Setting(
                    CACHE_ACCESS_MODE,
                    Optional.of(AccessMode.READ_WRITE_ONCE.word()),
                    "The access mode of a claim that is made: `ReadWriteOnce` keeps the builder pods of a namespace on"
                            + " one node, `ReadWriteMany` lets them be anywhere."),
            new Setting(
                    CACHE_MAX_SIZE,
                    Optional.of(""),
                    "How much the cache of a namespace may take, as a Kubernetes quantity: `200Gi`. Empty: four fifths"
                            + " of the volume's file system."),
            new Setting(
                    CACHE_MIN_FREE,
                    Optional.of(""),
                    "How much the cache leaves free on the volume's file system, at most half of it: `10Gi`. Empty: a"
                            + " twentieth of it, at most 2 GiB."),
            new Setting(
                    PLATFORM,
                    Optional.of(ownPlatform()),
                    "The platform that is built for where `spec.platforms` says none, as `os/architecture`. The"
                            + " default is the operator's own."),
            new Setting(
                    ISOLATION_MINIMUM,
                    Optional.of(Rung.ASSEMBLE.word()),
                    "The weakest isolation that a build may have: `userns`, `nested`, `chroot` or `assemble`, the"
                            + " strongest first. A build can demand more (`spec.isolation.minimum`), and not less."),
            new Setting(
                    SECCOMP_PROFILE,
                    Optional.of(""),
                    "A seccomp profile for builder pods of the isolation `userns` and `nested`: a file below the"
                            + " kubelet's folder of profiles. None if it is empty."),
            new Setting(
                    APPARMOR_PROFILE,
                    Optional.of(""),
                    "An AppArmor profile for the same pods, which has to be loaded on every node. The runtime's own if"
                            + " it is empty."),
            new Setting(
                    PIDS_LIMIT,
                    Optional.of(Integer.toString(RungSettings.USUAL_PIDS)),
                    "How many processes and threads a RUN may have at once, at least 512."),
            new Setting(
                    PLATFORM_WAIT,
                    Optional.of("10m"),
                    "How long a pod may find no node of a platform that `spec.platforms` names before its build fails:"
                            + " long enough for a cluster that adds nodes."),
            new Setting(
                    BUILDER_ID,
                    Optional.of("https://kiln.build/builder/operator"),
                    "The URI by which a [provenance](provenance.md) calls the builders of this operator. Who checks"
                            + " provenances trusts what it stands for: give each cluster its own."),
            new Setting(
                    RESOURCES,
                    Optional.of(""),
                    "Resources of builder pods, as the JSON of a container's `resources`. `spec.pod.resources` wins,"
                            + " name by name."),
            new Setting(
                    HTTP_PROXY,
                    Optional.of(""),
                    "`HTTP_PROXY` of builder pods. One in `spec.pod.env` wins; so with the next two."),
            new Setting(HTTPS_PROXY, Optional.of(""), "`HTTPS_PROXY` of builder pods."),
            new Setting(NO_PROXY, Optional.of(""), "`NO_PROXY` of builder pods."),
            new Setting(
                    REGISTRIES_CONF,
                    Optional.of(""),
                    "A file of the operator's pod, read when it starts: the `registries.conf` of all builders, with"
                            + " mirrors for example. At most 32 KiB."),
            new Setting(
                    CA_BUNDLE,
                    Optional.of(""),
                    "A file of the operator's pod, read when it starts: certificates (PEM) of authorities that"
                            + " builders trust besides the usual ones. At most 96 KiB."),
            new Setting(MAX_BUILDS, Optional.of("0"), "How many builds run at once in the cluster; 0 is no limit."),
            new Setting(
                    MAX_BUILDS_PER_NAMESPACE,
                    Optional.of("0"),
                    "How many builds run at once in one namespace; 0 is no limit."),
            new Setting(
                    BASE_IMAGE_INTERVAL,
                    Optional.of("1h"),
                    "How often it is looked whether base images have moved, for builds with"
                            + " `spec.rebuild.onBaseImageChange`: a quarter more or less. At least a minute."),
            new Setting(
                    FLUX_SOURCES,
                    Optional.of("ignored"),
                    "Whether Flux's objects are looked at, for `spec.source.flux`: `watched` or `ignored`. The operator's"
                            + " account has to have the right."),
            new Setting(
                    KEEP_PODS,
                    Optional.of("168h"),
                    "How long a finished pod is kept for its log, at the most; `spec.history` says how many are."),
            new Setting(
                    WATCH_NAMESPACES,
                    Optional.of(""),
                    "The namespaces that are watched, with commas between them. All of them if it is empty."),
            new Setting(
                    HTTP_ADDRESS,
                    Optional.of("0.0.0.0:8080"),
                    "Where `/healthz`, `/readyz` and `/metrics` are served, as `address:port`; port 0 takes any that"
                            + " is free."),
            new Setting(
                    METRICS_GROUPING,
                    Optional.of("none"),
                    "What the metrics of builds are told apart by besides their own labels: `none`, or `namespace` for a"
                            + " label `build_namespace`, with as many series more."),
            new Setting(
                    LOG_FORMAT,
                    Optional.of("json"),
                    "What a line of the log is: `json` for an object with the [keys of all logs](operator.md#logs), `text`"
                            + " for people."),
            new Setting(
                    TRACES_ENDPOINT,
                    Optional.of(""),
                    "Where [traces](operator.md#traces) go, by OTLP over HTTP: `http://collector.monitoring:4318`. Empty:"
                            + " nowhere."),
            new Setting(
                    TRACES_HEADERS,
                    Optional.of(""),
                    "Headers of the requests that carry traces, for credentials: `authorization=Bearer%20…`, with commas"
                            + " between several. From a Secret, mostly."),
            new Setting(
                    HOOKS_ADDRESS,
                    Optional.of(""),
                    "Where [webhooks](rebuild.md#webhook) are heard, as `address:port`. Nowhere if it is empty."),
            new Setting(
                    HOOKS_SECRETS,
                    Optional.of("/etc/kiln/hooks"),
                    "The folder of the operator's pod with the secrets of webhooks, a file for each namespace or"
                            + " ImageBuild."),
            new Setting(
                    LEASE_NAMESPACE,
                    Optional.of(""),
                    "The namespace of the Lease by which several replicas agree on one that works. Empty: there is"
                            + " only one replica."),
            new Setting(
                    REPLICA,
                    Optional.of(""),
                    "This replica's name in the Lease, which no other may have: the pod's. A container that is started"
                            + " again goes on with the Lease of the one before, and need not wait until it runs out."
                            + " Empty: each start has a new name."));

    public Settings {
        watchNamespaces = Set.copyOf(watchNamespaces);
    }

    /// @param environment all of it; what does not start with `KILN_` is passed over
    /// @throws IllegalArgumentException with all problems at once, one a line
    public static Settings parse(Map<String, String> environment) {
        return new SettingsParser(environment).parse();
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
