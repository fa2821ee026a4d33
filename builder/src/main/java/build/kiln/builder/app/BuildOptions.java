package build.kiln.builder.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The flags of `kiln build` as they were typed. A flag is one field here; picocli fills it in.
///
/// Picocli is told of them one by one and not by annotations: to read those takes an eighth of the processor time of a
/// build that finds everything in its cache.
final class BuildOptions {

    String context = ".";

    @Nullable
    String file;

    List<String> tags = new ArrayList<>();
    String target = "";
    List<String> buildArgs = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    List<String> annotations = new ArrayList<>();
    List<String> platforms = new ArrayList<>();
    List<String> secrets = new ArrayList<>();
    List<String> ssh = new ArrayList<>();
    List<String> buildContexts = new ArrayList<>();
    boolean noCache;
    List<String> noCacheFilter = new ArrayList<>();
    List<String> cacheFrom = new ArrayList<>();
    List<String> cacheTo = new ArrayList<>();
    List<String> addHosts = new ArrayList<>();
    String network = "default";
    List<String> ulimits = new ArrayList<>();
    String shmSize = "";
    String pidsLimit = "";
    List<String> allow = new ArrayList<>();
    String isolation = "auto";
    String minIsolation = "";
    List<String> outputs = new ArrayList<>();
    boolean push;
    String compression = "gzip";
    String progress = "";

    @Nullable
    String provenance;

    List<String> attest = new ArrayList<>();
    boolean predefinedAnnotations;

    @Nullable
    String verify;

    String verifyTimeout = "";
    String verifyNetwork = "";

    @Nullable
    Path metadataFile;

    @Nullable
    Path iidFile;

    boolean quiet;
    boolean check;
    String call = "build";
    boolean pull;
    boolean ofOldDocker;

    @Nullable
    Path cacheDir;

    String cacheMaxSize = "";

    @Nullable
    Path cacheReadDir;

    /// Makes the flags known to the command.
    void addTo(CommandSpec command) {
        command.addPositional(PositionalParamSpec.builder()
                .arity("1")
                .required(true)
                .type(String.class)
                .setter(new Slot<String>(() -> context, value -> context = value))
                .paramLabel("CONTEXT")
                .description(
                        "The folder that COPY and ADD read from, the URL of a git repository, of an archive or of a Dockerfile,"
                                + " or - for standard input.")
                .build());
        addSource(command);
        addSteps(command);
        addResult(command);
        addVerify(command);
        addProvenance(command);
        addCache(command);
    }

    private void addSource(CommandSpec command) {
        command.addOption(value(
                        String.class,
                        value -> file = value,
                        "FILE",
                        "The Dockerfile; - for standard input. Default: Dockerfile in the context.",
                        "-f",
                        "--file")
                .build());
        command.addOption(texts(
                        () -> tags,
                        value -> tags = value,
                        "REF",
                        "A name for the image; where --push sends it.",
                        "-t",
                        "--tag")
                .build());
        command.addOption(value(
                        String.class,
                        value -> target = value,
                        "STAGE",
                        "The stage to build. Default: the last one.",
                        "--target")
                .build());
        command.addOption(texts(
                        () -> buildArgs,
                        value -> buildArgs = value,
                        "NAME[=VALUE]",
                        "The value of an ARG.",
                        "--build-arg")
                .build());
        command.addOption(texts(() -> labels, value -> labels = value, "KEY=VALUE", "A label of the image.", "--label")
                .build());
        command.addOption(texts(
                        () -> annotations,
                        value -> annotations = value,
                        "[DOCUMENT:]KEY=VALUE",
                        "An annotation of the manifest, or of another document of the image.",
                        "--annotation")
                .build());
        command.addOption(
                texts(() -> platforms, value -> platforms = value, "OS/ARCH", "What the image runs on.", "--platform")
                        .splitRegex(",")
                        .build());
    }

    private void addSteps(CommandSpec command) {
        command.addOption(texts(
                        () -> secrets,
                        value -> secrets = value,
                        "id=ID,src=FILE",
                        "A secret for RUN --mount=type=secret; env=NAME instead of src takes a variable.",
                        "--secret")
                .build());
        command.addOption(texts(
                        () -> ssh,
                        value -> ssh = value,
                        "ID[=SOCKET|KEY,…]",
                        "An SSH agent for RUN --mount=type=ssh: yours, or one with these keys.",
                        "--ssh")
                .build());
        command.addOption(texts(
                        () -> buildContexts,
                        value -> buildContexts = value,
                        "NAME=WHERE",
                        "A further context: a folder, a URL, a git repository, docker-image://REF or oci-layout://FOLDER.",
                        "--build-context")
                .build());
        command.addOption(
                flag(value -> noCache = value, "Runs every step.", "--no-cache").build());
        command.addOption(texts(
                        () -> noCacheFilter,
                        value -> noCacheFilter = value,
                        "STAGE",
                        "Runs every step of these stages.",
                        "--no-cache-filter")
                .splitRegex(",")
                .build());
        command.addOption(texts(
                        () -> cacheFrom,
                        value -> cacheFrom = value,
                        "REF",
                        "A cache in a registry to read from.",
                        "--cache-from")
                .build());
        command.addOption(texts(
                        () -> cacheTo,
                        value -> cacheTo = value,
                        "type=registry,ref=REF",
                        "A cache in a registry to write.",
                        "--cache-to")
                .build());
        command.addOption(texts(
                        () -> addHosts,
                        value -> addHosts = value,
                        "HOST:IP",
                        "A line for /etc/hosts of every RUN.",
                        "--add-host")
                .build());
        command.addOption(
                value(String.class, value -> network = value, "default|none|host", "What a RUN may reach.", "--network")
                        .build());
        command.addOption(
                texts(() -> ulimits, value -> ulimits = value, "NAME=SOFT[:HARD]", "A limit of every RUN.", "--ulimit")
                        .build());
        command.addOption(value(
                        String.class,
                        value -> shmSize = value,
                        "SIZE",
                        "The size of /dev/shm of every RUN.",
                        "--shm-size")
                .build());
        command.addOption(value(
                        String.class,
                        value -> pidsLimit = value,
                        "NUMBER",
                        "How many processes and threads a RUN may have at once.",
                        "--pids-limit")
                .build());
        command.addOption(texts(
                        () -> allow,
                        value -> allow = value,
                        "ENTITLEMENT",
                        "What a RUN may ask for, e.g. network.host.",
                        "--allow")
                .build());
        command.addOption(value(
                        String.class,
                        value -> isolation = value,
                        "RUNG",
                        "How RUNs are isolated: auto (the best that works), userns, nested, chroot or assemble.",
                        "--isolation")
                .build());
        command.addOption(value(
                        String.class,
                        value -> minIsolation = value,
                        "RUNG",
                        "The weakest isolation that is enough; with less the build fails before its first step.",
                        "--min-isolation")
                .build());
    }

    private void addResult(CommandSpec command) {
        command.addOption(texts(
                        () -> outputs,
                        value -> outputs = value,
                        "type=TYPE,dest=FILE",
                        "Where the result goes: type is oci, docker, tar, local, registry or cacheonly.",
                        "-o",
                        "--output")
                .build());
        command.addOption(flag(value -> push = value, "Pushes the image to every --tag.", "--push")
                .build());
        command.addOption(value(
                        String.class,
                        value -> compression = value,
                        "gzip|zstd|none",
                        "Of new layers. Default: gzip.",
                        "--compression")
                .build());
        command.addOption(value(
                        String.class,
                        value -> progress = value,
                        "auto|tty|plain|json|quiet|none",
                        "How progress is shown.",
                        "--progress")
                .build());
        command.addOption(value(
                        Path.class,
                        value -> metadataFile = value,
                        "FILE",
                        "Writes what was built as JSON.",
                        "--metadata-file")
                .build());
        command.addOption(
                value(Path.class, value -> iidFile = value, "FILE", "Writes the image's config digest.", "--iidfile")
                        .build());
        command.addOption(flag(
                        value -> quiet = value,
                        "Shows no progress; the digest is printed at the end all the same.",
                        "-q",
                        "--quiet")
                .build());
        command.addOption(flag(
                        value -> check = value,
                        "Checks the Dockerfile and builds nothing; short for --call=check.",
                        "--check")
                .build());
        command.addOption(value(
                        String.class,
                        value -> call = value,
                        "build|check|outline|targets[,format=json]",
                        "What to do with the Dockerfile: build it, or only tell of it.",
                        "--call")
                .build());
    }

    private void addProvenance(CommandSpec command) {
        command.addOption(value(
                        String.class,
                        value -> provenance = value,
                        "true|mode=max",
                        "Keeps beside the pushed image how it came about; short for --attest type=provenance.",
                        "--provenance")
                .build());
        command.addOption(texts(
                        () -> attest,
                        value -> attest = value,
                        "type=provenance[,…]",
                        "Keeps a statement beside the pushed image.",
                        "--attest")
                .build());
        command.addOption(flag(
                        value -> predefinedAnnotations = value,
                        "Annotates the image with its source, revision, base image and time.",
                        "--predefined-annotations")
                .build());
    }

    private void addVerify(CommandSpec command) {
        command.addOption(value(
                        String.class,
                        value -> verify = value,
                        "COMMAND",
                        "A command that the image has to pass before it is pushed to its names: words, or a JSON array.",
                        "--verify")
                .build());
        command.addOption(value(
                        String.class,
                        value -> verifyTimeout = value,
                        "TIME",
                        "How long --verify may take. Default: 30s.",
                        "--verify-timeout")
                .build());
        command.addOption(value(
                        String.class,
                        value -> verifyNetwork = value,
                        "none|host",
                        "What --verify may reach. Default: none.",
                        "--verify-network")
                .build());
    }

    private void addCache(CommandSpec command) {
        command.addOption(flag(value -> pull = value, "Accepted: whether a tag has moved is always asked.", "--pull")
                .build());
        command.addOption(flag(
                        value -> ofOldDocker = value,
                        "Accepted: there is nothing to remove, and nothing to send.",
                        "--rm",
                        "--force-rm",
                        "--compress")
                .hidden(true)
                .arity("0..0")
                .build());
        command.addOption(value(
                        Path.class,
                        value -> cacheDir = value,
                        "DIR",
                        "The cache volume's root. Default: $XDG_CACHE_HOME/kiln.",
                        "--cache-dir")
                .build());
        command.addOption(value(
                        String.class,
                        value -> cacheMaxSize = value,
                        "SIZE",
                        "How much the cache may take, e.g. 50g. Default: 20g.",
                        "--cache-max-size")
                .build());
        command.addOption(value(
                        Path.class,
                        value -> cacheReadDir = value,
                        "DIR",
                        "Another cache volume, which is read and not written to.",
                        "--cache-read-dir")
                .build());
    }

    private static <T> OptionSpec.Builder value(
            Class<T> type, Consumer<T> to, String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(type)
                .setter(new Slot<T>(() -> null, to))
                .paramLabel(label)
                .description(description);
    }

    private static OptionSpec.Builder texts(
            Supplier<List<String>> from, Consumer<List<String>> to, String label, String description, String... names) {
        Slot<List<String>> slot = new Slot<>(from, to);
        return OptionSpec.builder(names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .getter(slot)
                .setter(slot)
                .paramLabel(label)
                .description(description);
    }

    private static OptionSpec.Builder flag(Consumer<Boolean> to, String description, String... names) {
        return OptionSpec.builder(names)
                .type(boolean.class)
                .setter(new Slot<Boolean>(() -> null, to))
                .description(description);
    }

    /// Where picocli finds and puts the value of one flag.
    private record Slot<V>(Supplier<@Nullable V> from, Consumer<V> to) implements IGetter, ISetter {

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli asks for the type that it was told
        public <T> @Nullable T get() {
            return (T) from.get();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T set(T value) {
            if (value != null) { // else nothing was typed, and the field keeps what it has
                to.accept((V) value);
            }
            return value;
        }
    }

    /// Where the cache is: as the user says, or where this machine keeps caches.
    Path cacheDir(Environment environment) {
        Path named = cacheDir;
        return named == null ? environment.defaultCache() : named;
    }
}
