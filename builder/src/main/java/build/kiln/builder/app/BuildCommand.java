package build.kiln.builder.app;

import build.kiln.builder.failure.RequestFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/// `kiln build`: the flags of `docker buildx build`, read into [BuildOptions].
final class BuildCommand implements Callable<Integer> {

    private final Environment environment;

    private final BuildOptions options = new BuildOptions();

    private final List<RequestFailure> refused = new ArrayList<>();

    BuildCommand(Environment environment) {
        this.environment = environment;
    }

    /// The command and its flags.
    CommandSpec spec() {
        CommandSpec spec =
                CommandSpec.wrapWithoutInspection(this, new Instances()).name("build");
        spec.usageMessage().sortOptions(false).description("Builds an image from a Dockerfile and a folder.");
        options.addTo(spec);
        RefusedFlags.addTo(spec, refused);
        HelpFlags.addTo(spec);
        return spec;
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
