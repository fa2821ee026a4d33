package build.kiln.builder.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `kiln build`: the flags of `docker buildx build`, read into [BuildOptions].
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Builds an image from a Dockerfile and a folder.")
final class BuildCommand implements Callable<Integer> {

    private final Environment environment;

    @Parameters(
            paramLabel = "CONTEXT",
            description = "The folder that COPY and ADD read from, or the URL of a git repository.")
    private String context = ".";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "The Dockerfile. Default: Dockerfile in the context.")
    private @Nullable String file;

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "REF",
            description = "A name for the image; where --push sends it.")
    private List<String> tags = new ArrayList<>();

    @Option(names = "--target", paramLabel = "STAGE", description = "The stage to build. Default: the last one.")
    private String target = "";

    @Option(names = "--build-arg", paramLabel = "NAME[=VALUE]", description = "The value of an ARG.")
    private List<String> buildArgs = new ArrayList<>();

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "A label of the image.")
    private List<String> labels = new ArrayList<>();

    @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "An annotation of the manifest.")
    private List<String> annotations = new ArrayList<>();

    @Option(names = "--platform", paramLabel = "OS/ARCH", split = ",", description = "What the image runs on.")
    private List<String> platforms = new ArrayList<>();

    @Option(
            names = "--secret",
            paramLabel = "id=ID,src=FILE",
            description = "A secret for RUN --mount=type=secret; env=NAME instead of src takes a variable.")
    private List<String> secrets = new ArrayList<>();

    @Option(names = "--ssh", paramLabel = "ID", description = "An SSH agent for RUN --mount=type=ssh.")
    private List<String> ssh = new ArrayList<>();

    @Option(
            names = "--build-context",
            paramLabel = "NAME=WHERE",
            description = "A further context: a folder, docker-image://REF or oci-layout://FOLDER.")
    private List<String> buildContexts = new ArrayList<>();

    @Option(names = "--no-cache", description = "Runs every step.")
    private boolean noCache;

    @Option(
            names = "--no-cache-filter",
            paramLabel = "STAGE",
            split = ",",
            description = "Runs every step of these stages.")
    private List<String> noCacheFilter = new ArrayList<>();

    @Option(names = "--cache-from", paramLabel = "type=registry,ref=REF", description = "Another cache to read from.")
    private List<String> cacheFrom = new ArrayList<>();

    @Option(names = "--cache-to", paramLabel = "type=registry,ref=REF", description = "Another cache to write to.")
    private List<String> cacheTo = new ArrayList<>();

    @Option(names = "--add-host", paramLabel = "HOST:IP", description = "A line for /etc/hosts of every RUN.")
    private List<String> addHosts = new ArrayList<>();

    @Option(names = "--network", paramLabel = "default|none|host", description = "What a RUN may reach.")
    private String network = "default";

    @Option(names = "--ulimit", paramLabel = "NAME=SOFT[:HARD]", description = "A limit of every RUN.")
    private List<String> ulimits = new ArrayList<>();

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "The size of /dev/shm of every RUN.")
    private String shmSize = "";

    @Option(names = "--allow", paramLabel = "ENTITLEMENT", description = "What a RUN may ask for, e.g. network.host.")
    private List<String> allow = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "type=TYPE,dest=FILE",
            description = "Where the result goes: type is oci, tar, local or registry.")
    private List<String> outputs = new ArrayList<>();

    @Option(names = "--push", description = "Pushes the image to every --tag.")
    private boolean push;

    @Option(names = "--compression", paramLabel = "gzip|zstd|none", description = "Of new layers. Default: gzip.")
    private String compression = "gzip";

    @Option(names = "--progress", paramLabel = "auto|tty|plain|json|quiet", description = "How progress is shown.")
    private String progress = "auto";

    @Option(names = "--metadata-file", paramLabel = "FILE", description = "Writes what was built as JSON.")
    private @Nullable Path metadataFile;

    @Option(names = "--iidfile", paramLabel = "FILE", description = "Writes the image's config digest.")
    private @Nullable Path iidFile;

    @Option(names = "--check", description = "Checks the Dockerfile and builds nothing.")
    private boolean check;

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "The cache volume's root. Default: $XDG_CACHE_HOME/kiln.")
    private @Nullable Path cacheDir;

    BuildCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        BuildOptions options = new BuildOptions(
                context,
                file,
                tags,
                target,
                buildArgs,
                labels,
                annotations,
                platforms,
                secrets,
                ssh,
                buildContexts,
                noCache,
                noCacheFilter,
                cacheFrom,
                cacheTo,
                addHosts,
                network,
                ulimits,
                shmSize,
                allow,
                outputs,
                push,
                compression,
                progress,
                metadataFile,
                iidFile,
                cacheDir == null ? environment.defaultCache() : cacheDir);
        LocalBuild build = new LocalBuild(environment, options);
        return (check ? build.check() : build.run()).status();
    }
}
