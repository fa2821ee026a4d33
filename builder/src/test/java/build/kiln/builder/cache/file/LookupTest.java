package build.kiln.builder.cache.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Without NFS: what is looked for twice, and what is there or not.
class LookupTest {

    @TempDir
    private Path own;

    @Test
    void whatIsNotThereIsReadOnceMore() throws IOException {
        Path file = own.resolve("file");
        AtomicInteger looks = new AtomicInteger();
        String text = Lookup.read(file, () -> {
            if (looks.incrementAndGet() == 2) {
                Files.writeString(file, "made meanwhile");
            }
            return Files.readString(file);
        });
        assertThat(text).isEqualTo("made meanwhile");
        assertThat(looks).hasValue(2);
    }

    @Test
    void whatIsNowhereIsNotThere() throws IOException {
        Path deep = own.resolve("no/such/directory");
        assertThat(Lookup.exists(deep)).isFalse();
        assertThatThrownBy(() -> Lookup.read(deep, () -> Files.readString(deep)))
                .isInstanceOf(NoSuchFileException.class);
        Files.createDirectories(deep);
        assertThat(Lookup.exists(deep)).isTrue();
    }
}
