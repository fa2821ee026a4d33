package build.kiln.builder.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `kiln build`: the flags of `docker buildx build`, read into [BuildOptions].
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Builds an image from a Dockerfile and a folder.")
final class BuildCommand implements Callable<Integer> {

    private final Environment environment;

    @Mixin
    private BuildOptions options = new BuildOptions();

    BuildCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        LocalBuild build = new LocalBuild(environment, options);
        return (options.check ? build.check() : build.run()).status();
    }
}
