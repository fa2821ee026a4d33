package build.kiln.builder.app;

import build.kiln.builder.app.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `kiln train`: for the launcher and for images, which run it once under `-XX:AOTCacheOutput`.
@Command(
        name = "train",
        hidden = true,
        description = "Builds what loads the classes that builds need, so that the virtual machine can keep them.")
final class TrainCommand implements Callable<Integer> {

    private final Environment environment;

    @Parameters(
            paramLabel = "FOLDER",
            description =
                    "Empty but for base/, the files of a base image; a shell in it makes RUNs part of the training.")
    private Path folder = Path.of(".");

    TrainCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException {
        // What a build has read of files that were just written it does not remember: they could change unseen.
        Environment later = environment.at(Clock.offset(environment.clock(), Duration.ofSeconds(5)));
        return new Training(folder, arguments -> Kiln.run(later, arguments)).run();
    }
}
