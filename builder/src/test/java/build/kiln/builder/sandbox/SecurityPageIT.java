package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.snapshot.BusyboxLayer;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example of docs/security.md is true.
@InNamespaces
class SecurityPageIT {

    private static final Path PAGE = Path.of("..", "docs", "security.md");

    @TempDir
    Path folder;

    @Test
    void scriptOfThePagePrintsWhatThePageSays() throws Exception {
        String page = Files.readString(PAGE);
        List<String> printed = new ArrayList<>();
        Path base = BusyboxLayer.make(folder.resolve("base"));
        try (Snapshots snapshots = Snapshots.open(folder);
                Sandbox sandbox = Sandbox.open(new IsolationProbe(folder).probe(), snapshots);
                RootFilesystem root = snapshots.mount(List.of(base))) {
            sandbox.run(
                    root,
                    ProcessSpec.of(List.of("sh", "-c", block(page, "sh")), List.of(), "/"),
                    (stream, line) -> printed.add(new String(line, StandardCharsets.UTF_8)),
                    Bounds.of(Duration.ofMinutes(1)));
        }
        assertThat(printed).isEqualTo(block(page, "text").lines().toList());
    }

    private static String block(String page, String language) {
        String fence = "```" + language + "\n";
        int start = page.indexOf(fence) + fence.length();
        return page.substring(start, page.indexOf("\n```", start));
    }
}
