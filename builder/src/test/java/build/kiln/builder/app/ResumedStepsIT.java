package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.Maker;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.StepResult.Outcome;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an attempt says of the steps that it found done.
@InNamespaces
class ResumedStepsIT {

    @TempDir
    private Path own;

    private Path context;

    @BeforeEach
    void makeContext() throws Exception {
        context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START
                        + "RUN echo done > /file\nRUN --mount=type=secret,id=word grep good /run/secrets/word\n");
    }

    @Test
    void theStepsOfAnEarlierAttemptAtTheSameBuildAreResumed() throws Exception {
        assertThat(outcomes(new Maker("team-a/web-3-0", "uid/3/0", 0), "bad"))
                .containsExactly(Outcome.RAN, Outcome.RAN, Outcome.RAN);

        assertThat(outcomes(new Maker("team-a/web-3-1", "uid/3/0", 1), "good"))
                .containsExactly(Outcome.RESUMED, Outcome.RESUMED, Outcome.RESUMED, Outcome.RAN);
    }

    @Test
    void theStepsOfAnotherBuildAreCachedWhateverItsNumbers() throws Exception {
        outcomes(new Maker("team-a/web-3-0", "uid/3/0", 0), "good");

        for (Maker other : List.of(
                new Maker("team-a/api-3-1", "another uid/3/0", 1),
                new Maker("team-a/web-4-0", "uid/4/0", 0),
                new Maker("team-a/web-3-1", "uid/3/1", 1),
                new Maker("team-a/web-3-0", "uid/3/0", 0),
                Maker.named("ann@laptop:4711"))) {
            assertThat(outcomes(other, "good")).as("%s", other).hasSize(4).containsOnly(Outcome.CACHED);
        }
    }

    /// Builds, and tells how each step ended that did end.
    private List<Outcome> outcomes(Maker maker, String word) throws Exception {
        Path secret = Files.writeString(own.resolve("word"), word);
        Environment environment = new Environment(Map.of(), nowhere(), nowhere(), Clock.systemUTC());
        try (WorkFolder work = WorkFolder.below(own)) {
            BuildOptions options = new BuildOptions();
            options.context = context.toString();
            options.cacheDir = own.resolve("cache");
            options.secrets.add("id=word,src=" + secret);
            BuildSetup setup = new LocalBuild(environment, options, maker).setup(work.path());
            try (Confinement confinement = new Confinement(setup.cache(), maker, setup.isolation());
                    Build build = new Build(setup, confinement, Progress.none(), Clock.systemUTC())) {
                try {
                    build.run();
                } catch (StepFailure e) {
                    assertThat(word).isEqualTo("bad");
                }
                return build.finished().stream()
                        .map(step -> step.result().outcome())
                        .toList();
            }
        }
    }

    private static PrintStream nowhere() {
        return new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    }
}
