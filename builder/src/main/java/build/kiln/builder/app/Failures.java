package build.kiln.builder.app;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.failure.StepFailure;
import java.io.PrintStream;

/// How a failure is shown on the command line.
final class Failures {

    private Failures() {}

    /// The failure itself, or the defect that anything else is.
    static BuildFailure of(Throwable thrown) {
        return thrown instanceof BuildFailure failure ? failure : new Defect("An unexpected error: " + thrown, thrown);
    }

    static void print(BuildFailure failure, PrintStream err) {
        err.println();
        switch (failure) {
            case StepFailure step -> {
                if (!step.logTail().isEmpty()) {
                    err.println("------");
                    err.println(" > " + step.step() + ":");
                    step.logTail().forEach(err::println);
                    err.println("------");
                }
            }
            case DockerfileFailure dockerfile -> {
                if (!dockerfile.lineText().isEmpty()) {
                    err.println(dockerfile.line() + " | " + ShownUrl.inText(dockerfile.lineText()));
                }
            }
            case Defect defect -> defect.printStackTrace(err);
            case build.kiln.builder.failure.SourceFailure ignored -> {}
            case build.kiln.builder.failure.RegistryFailure ignored -> {}
            case build.kiln.builder.failure.RequestFailure ignored -> {}
            case build.kiln.builder.failure.PlatformFailure ignored -> {}
        }
        err.println("ERROR: " + failure.reason() + ": " + failure.getMessage());
        err.flush();
    }
}
