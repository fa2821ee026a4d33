package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.CacheVolume;
import build.kiln.builder.testing.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Builders on two hosts, whose clocks are an hour apart, share one folder as their cache volume.
@InNamespaces
class TwoHostsIT {

    /// Two runs of it never make the same layer.
    private static final String DOCKERFILE = BusyboxContext.START + "RUN " + BusyboxContext.GATE
            + " echo \"it runs\" && " + BusyboxContext.AT_THE_GATE + " && cat /proc/sys/kernel/random/uuid > /file\n";

    @TempDir
    private Path own;

    private final List<BuilderProcess> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(BuilderProcess::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3600", "-3600"})
    void theyWaitForEachOtherAndRunAStepOnce(String ahead) throws Exception {
        Path context = BusyboxContext.make(own.resolve("context"), DOCKERFILE);
        BuilderProcess there = there(ahead, context);
        there.awaitText(" it runs\n");
        BuilderProcess here = here(context);
        here.awaitText("waiting for ");
        BusyboxContext.openGate(own.resolve("cache"));

        String digest = digest(there.succeeded());
        assertThat(here.succeeded())
                .contains(digest)
                .containsPattern("#[0-9]+ SHARED ")
                .doesNotContain(" it runs\n");
        assertThat(cache("prune", "--older-than", "30m"))
                .as("nothing looks unused that the other has just made")
                .contains("Removed 0 entries");
        assertThat(CacheVolume.assertWhole(own.resolve("cache"))).isEqualTo(3);
        assertThat(there("-" + ahead.replace("-", ""), context).succeeded())
                .contains(digest)
                .doesNotContain(" it runs\n");
    }

    @Test
    void oneThatIsFrozenPastItsTimeIsFollowedAndTakesTheResultOfItsSuccessorWhenItComesBack() throws Exception {
        Path context = BusyboxContext.make(own.resolve("context"), DOCKERFILE);
        BuilderProcess there = there("3600", context);
        there.awaitText(" it runs\n");
        BuilderProcess here = here(context);
        here.awaitText("waiting for ");
        Tool.run(own, "kill", "-STOP", Long.toString(there.process().pid()));
        here.awaitText(" it runs\n");
        BusyboxContext.openGate(own.resolve("cache"));
        String successors = here.succeeded();
        Tool.run(own, "kill", "-CONT", Long.toString(there.process().pid()));

        assertThat(successors).containsPattern("#[0-9]+ DONE ");
        assertThat(there.succeeded()).contains(digest(successors)).containsPattern("#[0-9]+ SHARED ");
        assertThat(here(context).succeeded()).contains(digest(successors));
        assertThat(cache("verify")).contains("Damaged and forgotten: 0.");
    }

    private BuilderProcess here(Path context) throws IOException {
        return build("build.kiln.builder.app.Kiln", List.of(), context);
    }

    private BuilderProcess there(String secondsAhead, Path context) throws IOException {
        return build(OtherHost.class.getName(), List.of(secondsAhead), context);
    }

    private BuilderProcess build(String main, List<String> first, Path context) throws IOException {
        List<String> program = new ArrayList<>(List.of(main));
        program.addAll(first);
        BuilderProcess process = BuilderProcess.startProgram(
                own.resolve(started.size() + ".log"),
                program,
                "--cache-dir",
                own.resolve("cache").toString(),
                context.toString());
        started.add(process);
        return process;
    }

    private String cache(String... arguments) {
        List<String> all = new ArrayList<>(List.of("cache"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--cache-dir", own.resolve("cache").toString()));
        return LocalRuns.run(own, all.toArray(String[]::new)).out();
    }

    private static String digest(String output) {
        return output.lines()
                .filter(line -> line.startsWith("sha256:"))
                .findFirst()
                .orElseThrow();
    }
}
