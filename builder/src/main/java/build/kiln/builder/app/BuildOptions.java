package build.kiln.builder.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The flags of `kiln build` as they were typed. A flag is one field here; picocli fills it in.
final class BuildOptions {

    @Parameters(
            paramLabel = "CONTEXT",
            description =
                    "The folder that COPY and ADD read from, the URL of a git repository, of an archive or of a Dockerfile,"
                            + " or - for standard input.")
    String context = ".";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "The Dockerfile; - for standard input. Default: Dockerfile in the context.")
    @Nullable
    String file;

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "REF",
            description = "A name for the image; where --push sends it.")
    List<String> tags = new ArrayList<>();

    @Option(names = "--target", paramLabel = "STAGE", description = "The stage to build. Default: the last one.")
    String target = "";

    @Option(names = "--build-arg", paramLabel = "NAME[=VALUE]", description = "The value of an ARG.")
    List<String> buildArgs = new ArrayList<>();

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "A label of the image.")
    List<String> labels = new ArrayList<>();

    @Option(
            names = "--annotation",
            paramLabel = "[DOCUMENT:]KEY=VALUE",
            description = "An annotation of the manifest, or of another document of the image.")
    List<String> annotations = new ArrayList<>();

    @Option(names = "--platform", paramLabel = "OS/ARCH", split = ",", description = "What the image runs on.")
    List<String> platforms = new ArrayList<>();

    @Option(
            names = "--secret",
            paramLabel = "id=ID,src=FILE",
            description = "A secret for RUN --mount=type=secret; env=NAME instead of src takes a variable.")
    List<String> secrets = new ArrayList<>();

    @Option(
            names = "--ssh",
            paramLabel = "ID[=SOCKET|KEY,…]",
            description = "An SSH agent for RUN --mount=type=ssh: yours, or one with these keys.")
    List<String> ssh = new ArrayList<>();

    @Option(
            names = "--build-context",
            paramLabel = "NAME=WHERE",
            description =
                    "A further context: a folder, a URL, a git repository, docker-image://REF or oci-layout://FOLDER.")
    List<String> buildContexts = new ArrayList<>();

    @Option(names = "--no-cache", description = "Runs every step.")
    boolean noCache;

    @Option(
            names = "--no-cache-filter",
            paramLabel = "STAGE",
            split = ",",
            description = "Runs every step of these stages.")
    List<String> noCacheFilter = new ArrayList<>();

    @Option(names = "--cache-from", paramLabel = "REF", description = "A cache in a registry to read from.")
    List<String> cacheFrom = new ArrayList<>();

    @Option(names = "--cache-to", paramLabel = "type=registry,ref=REF", description = "A cache in a registry to write.")
    List<String> cacheTo = new ArrayList<>();

    @Option(names = "--add-host", paramLabel = "HOST:IP", description = "A line for /etc/hosts of every RUN.")
    List<String> addHosts = new ArrayList<>();

    @Option(names = "--network", paramLabel = "default|none|host", description = "What a RUN may reach.")
    String network = "default";

    @Option(names = "--ulimit", paramLabel = "NAME=SOFT[:HARD]", description = "A limit of every RUN.")
    List<String> ulimits = new ArrayList<>();

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "The size of /dev/shm of every RUN.")
    String shmSize = "";

    @Option(names = "--allow", paramLabel = "ENTITLEMENT", description = "What a RUN may ask for, e.g. network.host.")
    List<String> allow = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "type=TYPE,dest=FILE",
            description = "Where the result goes: type is oci, docker, tar, local, registry or cacheonly.")
    List<String> outputs = new ArrayList<>();

    @Option(names = "--push", description = "Pushes the image to every --tag.")
    boolean push;

    @Option(names = "--compression", paramLabel = "gzip|zstd|none", description = "Of new layers. Default: gzip.")
    String compression = "gzip";

    @Option(names = "--progress", paramLabel = "auto|tty|plain|json|quiet|none", description = "How progress is shown.")
    String progress = "";

    @Option(names = "--metadata-file", paramLabel = "FILE", description = "Writes what was built as JSON.")
    @Nullable
    Path metadataFile;

    @Option(names = "--iidfile", paramLabel = "FILE", description = "Writes the image's config digest.")
    @Nullable
    Path iidFile;

    @Option(
            names = {"-q", "--quiet"},
            description = "Shows no progress; the digest is printed at the end all the same.")
    boolean quiet;

    @Option(names = "--check", description = "Checks the Dockerfile and builds nothing; short for --call=check.")
    boolean check;

    @Option(
            names = "--call",
            paramLabel = "build|check|outline|targets[,format=json]",
            description = "What to do with the Dockerfile: build it, or only tell of it.")
    String call = "build";

    @Option(names = "--pull", description = "Accepted: whether a tag has moved is always asked.")
    boolean pull;

    @Option(
            names = {"--rm", "--force-rm", "--compress"},
            hidden = true,
            negatable = false,
            arity = "0..0",
            description = "Accepted: there is nothing to remove, and nothing to send.")
    boolean ofOldDocker;

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "The cache volume's root. Default: $XDG_CACHE_HOME/kiln.")
    @Nullable
    Path cacheDir;

    @Option(
            names = "--cache-max-size",
            paramLabel = "SIZE",
            description = "How much the cache may take, e.g. 50g. Default: 20g.")
    String cacheMaxSize = "";

    @Option(
            names = "--cache-read-dir",
            paramLabel = "DIR",
            description = "Another cache volume, which is read and not written to.")
    @Nullable
    Path cacheReadDir;

    /// Where the cache is: as the user says, or where this machine keeps caches.
    Path cacheDir(Environment environment) {
        Path named = cacheDir;
        return named == null ? environment.defaultCache() : named;
    }
}
