package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.sandbox.OutputSink.Stream;
import build.kiln.builder.snapshot.BusyboxLayer;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// A sandbox for the tests of one class, on an image of busybox.
abstract class SandboxTests {

    static final Bounds LONG = Bounds.of(Duration.ofMinutes(1));

    static final Path ENTER = Path.of("src/main/sh/enter-namespaces").toAbsolutePath();

    static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    static Path folder;

    static Path base;

    static Snapshots snapshots;

    static Sandbox sandbox;

    @BeforeAll
    static void open() throws Exception {
        base = BusyboxLayer.make(folder.resolve("base"));
        Isolation isolation = new IsolationProbe(folder).probe();
        assertThat(isolation.leftOut()).isEmpty();
        assertThat(isolation.rung()).isEqualTo(Rung.USERNS);
        snapshots = Snapshots.open(folder);
        sandbox = Sandbox.open(isolation, snapshots);
    }

    @AfterAll
    static void close() {
        if (sandbox != null) {
            sandbox.close();
            snapshots.close();
        }
    }

    /// What a process printed, and how it ended.
    record Result(ExitStatus status, List<String> out, List<String> error, List<String> changed) {}

    static ProcessSpec shell(String script) {
        return ProcessSpec.of(List.of("/bin/sh", "-c", script), List.of(), "/");
    }

    static Result run(String script) throws Exception {
        return run(shell(script), LONG);
    }

    static Result run(ProcessSpec spec) throws Exception {
        return run(spec, LONG);
    }

    static Result run(ProcessSpec spec, Bounds bounds) throws Exception {
        List<String> out = new ArrayList<>();
        List<String> error = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            ExitStatus status = sandbox.run(
                    root,
                    spec,
                    (stream, line) ->
                            (stream == Stream.OUT ? out : error).add(new String(line, StandardCharsets.UTF_8)),
                    bounds);
            return new Result(status, out, error, tree(root.unmount()));
        }
    }

    static List<String> tree(Path changeset) throws IOException {
        try (var all = Files.walk(changeset)) {
            return all.filter(path -> !path.equals(changeset))
                    .map(path -> changeset.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    static List<String> lines(String script) throws Exception {
        Result result = run(script);
        assertThat(result.error()).isEmpty();
        assertThat(result.status().succeeded()).isTrue();
        return result.out();
    }
}
