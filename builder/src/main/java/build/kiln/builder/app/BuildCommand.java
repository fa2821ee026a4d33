package build.kiln.builder.app;

import build.kiln.builder.failure.RequestFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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

    private final List<RequestFailure> refused = new ArrayList<>();

    BuildCommand(Environment environment) {
        this.environment = environment;
    }

    @Spec
    void spec(CommandSpec spec) {
        RefusedFlags.addTo(spec, refused);
    }

    @Override
    public Integer call() {
        if (!refused.isEmpty()) {
            throw refused.getFirst();
        }
        LocalBuild build = new LocalBuild(environment, options);
        Call call = Call.parse(options.check ? "check" : options.call);
        return (switch (call.method()) {
                    case BUILD -> build.run();
                    case CHECK -> build.check(call.format());
                    case OUTLINE -> build.outline(call.format());
                    case TARGETS -> build.targets(call.format());
                })
                .status();
    }
}
