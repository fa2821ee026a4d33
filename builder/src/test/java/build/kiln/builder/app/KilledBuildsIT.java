package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.CacheVolume;
import build.kiln.builder.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Builders that are killed (SIGKILL) at random instants.
///
/// `-Dkiln.test.kills=200` kills 200 of them; by default it is a few.
@InNamespaces
class KilledBuildsIT {

    private static final int KILLS = Integer.getInteger("kiln.test.kills", 3);
    private static final Pattern STARTED = Pattern.compile("(?m)^#([0-9]+) (\\[(?:stage-0 )?[0-9]+/[0-9]+] .*)$");

    @TempDir
    private Path own;

    private final List<BuilderProcess> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(BuilderProcess::close);
    }

    @Test
    void aBuildThatIsKilledAtAnyInstantGoesOnFromItsLastFinishedStepToTheSameImage() throws Exception {
        Path context = BusyboxContext.make(own.resolve("context"), BusyboxContext.START + """
                RUN mkdir /many && for i in $(seq 1 200); do echo $i > /many/$i; done
                COPY data /data
                RUN sleep 0.1 && cat /many/* /data > /all
                RUN rm -r /many && mkdir /many && sleep 0.1 && echo new > /many/1
                COPY data /again
                """);
        Files.write(context.resolve("data"), new byte[3_000_000]);
        BuilderProcess whole = build("reference", "reference", context);
        whole.awaitText("#1 ");
        long start = System.nanoTime();
        String digest = digest(whole.succeeded());
        Duration full = Duration.ofNanos(System.nanoTime() - start);
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int repeatedSteps = 0;
        int killedInTime = 0;
        for (int i = 0; i < KILLS; i++) {
            String round = "seed " + seed + ", round " + i;
            String cache = "cache-" + i;
            // A second builder that nobody kills works on the same volume now and then.
            BuilderProcess other = i % 3 == 2 ? build("other", cache, context) : null;
            BuilderProcess killed = build("killed", cache, context);
            if (i % 5 != 0) {
                killed.awaitText("#1 ");
            }
            killed.process().waitFor(random.nextLong(full.toMillis()), TimeUnit.MILLISECONDS);
            killedInTime += killed.process().isAlive() ? 1 : 0;
            killed.close();
            killed.process().waitFor();

            CacheVolume.assertWhole(own.resolve(cache));
            String retry = build("retry", cache, context).succeeded();
            assertThat(digest(retry)).as(round).isEqualTo(digest);
            if (other != null) {
                assertThat(digest(other.succeeded())).as(round).isEqualTo(digest);
            } else {
                Set<String> repeated = new HashSet<>(steps(killed.text(), ""));
                repeated.retainAll(steps(retry, "DONE"));
                assertThat(repeated)
                        .as("%s\n%s\n%s", round, killed.text(), retry)
                        .hasSizeLessThanOrEqualTo(1);
                repeatedSteps += repeated.size();
            }
            assertThat(CacheVolume.assertWhole(own.resolve(cache))).isEqualTo(7);
            remove(own.resolve(cache));
        }
        System.out.printf(
                "%d kills, %d of them before the end of the build; %d steps were repeated%n",
                KILLS, killedInTime, repeatedSteps);
    }

    private BuilderProcess build(String name, String cache, Path context) throws IOException {
        BuilderProcess process = BuilderProcess.start(
                own.resolve(name + ".log"), "--cache-dir", own.resolve(cache).toString(), context.toString());
        started.add(process);
        return process;
    }

    private static String digest(String output) {
        return output.lines()
                .filter(line -> line.startsWith("sha256:"))
                .findFirst()
                .orElseThrow();
    }

    /// The steps that were begun, of which the last line starts with this word.
    private static Set<String> steps(String output, String end) {
        Set<String> steps = new HashSet<>();
        Matcher matcher = STARTED.matcher(output);
        while (matcher.find()) {
            if (output.contains("\n#" + matcher.group(1) + " " + end)) {
                steps.add(matcher.group(2));
            }
        }
        return steps;
    }

    private static void remove(Path folder) throws Exception {
        Tool.run(Path.of("/"), "rm", "-r", folder.toAbsolutePath().toString());
    }
}
