package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.BusyboxContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `RUN --mount=type=cache` of builder processes that run at the same time.
@InNamespaces
class CacheMountsIT {

    @TempDir
    private Path own;

    private final List<BuilderProcess> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(BuilderProcess::close);
    }

    @Test
    void aLockedMountIsOnesAtATime() throws Exception {
        BuilderProcess first = build(
                "first",
                "RUN " + BusyboxContext.GATE
                        + " --mount=type=cache,id=c,target=/c,sharing=locked echo in && touch /c/first && "
                        + BusyboxContext.AT_THE_GATE + " && rm /c/first");
        first.awaitText(" in\n");
        BuilderProcess second = build(
                "second", "RUN --mount=type=cache,id=c,target=/c,sharing=locked test ! -e /c/first && echo alone");
        second.awaitText("waiting for the cache mount");
        BusyboxContext.openGate(own.resolve("cache"));

        assertThat(second.succeeded())
                .containsPattern("waiting for the cache mount \"c\", which \\S+@\\S+:[0-9]+ uses\n")
                .contains(" alone\n");
        first.succeeded();
    }

    @Test
    void theMountOfAKilledBuilderIsFree() throws Exception {
        BuilderProcess first =
                build("first", "RUN --mount=type=cache,id=c,target=/c,sharing=locked echo in && sleep 60");
        first.awaitText(" in\n");
        first.close();

        assertThat(build("second", "RUN --mount=type=cache,id=c,target=/c,sharing=locked echo got it")
                        .succeeded())
                .contains(" got it\n");
    }

    @Test
    void aPrivateMountIsAnotherForWhoComesMeanwhileAndTheSameForWhoComesLater() throws Exception {
        BuilderProcess first = build(
                "first",
                "RUN " + BusyboxContext.GATE
                        + " --mount=type=cache,id=c,target=/c,sharing=private echo first > /c/who && echo in" + " && "
                        + BusyboxContext.AT_THE_GATE);
        first.awaitText(" in\n");
        BuilderProcess second =
                build("second", "RUN --mount=type=cache,id=c,target=/c,sharing=private test ! -e /c/who && echo empty");
        assertThat(second.succeeded()).contains(" empty\n");
        BusyboxContext.openGate(own.resolve("cache"));
        first.succeeded();

        assertThat(build("third", "RUN --mount=type=cache,id=c,target=/c,sharing=private cat /c/who")
                        .succeeded())
                .contains(" first\n");
    }

    @Test
    void mountsThatAreWantedInAnyOrderKeepNobodyWaitingForEver() throws Exception {
        BuilderProcess first = build(
                "first",
                "RUN --mount=type=cache,id=a,target=/a,sharing=locked --mount=type=cache,id=b,target=/b,sharing=locked"
                        + " --mount=type=cache,id=a,target=/same,sharing=locked echo x > /a/x && cat /same/x && sleep 1");
        BuilderProcess second = build(
                "second",
                "RUN --mount=type=cache,id=b,target=/b,sharing=locked --mount=type=cache,id=a,target=/a,sharing=locked"
                        + " sleep 1 && echo both");

        assertThat(first.succeeded()).contains(" x\n");
        assertThat(second.succeeded()).contains(" both\n");
    }

    private BuilderProcess build(String name, String run) throws IOException {
        Path context = BusyboxContext.make(own.resolve("context-" + name), BusyboxContext.START + run + "\n");
        BuilderProcess process = BuilderProcess.start(
                own.resolve(name + ".log"), "--cache-dir", own.resolve("cache").toString(), context.toString());
        started.add(process);
        return process;
    }
}
