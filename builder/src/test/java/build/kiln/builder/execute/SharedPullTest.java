package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Readers that follow a blob while it comes.
@Timeout(10)
class SharedPullTest {

    private static final byte[] BYTES = new byte[300_000];

    static {
        new Random(3).nextBytes(BYTES);
    }

    private static final SharedPull.End NO_END = new SharedPull.End() {
        @Override
        public void complete(Path file) {}

        @Override
        public void failed() {}
    };

    @TempDir
    private Path folder;

    private final CountDownLatch ended = new CountDownLatch(1);
    private PipedOutputStream registry;
    private SharedPull pull;

    @BeforeEach
    void start() throws IOException {
        registry = new PipedOutputStream();
        pull = SharedPull.start(folder.resolve("blob"), new PipedInputStream(registry, 1 << 16), new SharedPull.End() {
            @Override
            public void complete(Path file) {
                ended.countDown();
            }

            @Override
            public void failed() {
                ended.countDown();
            }
        });
    }

    private InputStream reader() throws IOException {
        return pull.reader().orElseThrow();
    }

    @Test
    void eachReaderGetsAllBytesWheneverItComes() throws Exception {
        try (InputStream early = reader()) {
            registry.write(BYTES, 0, 100_000);
            registry.flush();
            assertThat(early.readNBytes(100_000)).isEqualTo(Arrays.copyOf(BYTES, 100_000));
            try (InputStream late = reader()) {
                registry.write(BYTES, 100_000, 200_000);
                registry.close();
                assertThat(late.readAllBytes()).isEqualTo(BYTES);
            }
            assertThat(early.readAllBytes()).isEqualTo(Arrays.copyOfRange(BYTES, 100_000, 300_000));
        }
        ended.await();
        assertThat(folder.resolve("blob")).hasBinaryContent(BYTES);
        assertThat(pull.reader()).as("a file that has been moved").isEmpty();
    }

    /// One that is left open keeps one of the few transfers that a registry is asked for at a time.
    @Test
    void aPullThatHasNoFileLetsGoOfTheRegistry() {
        CountDownLatch closed = new CountDownLatch(1);
        InputStream from = new ByteArrayInputStream(BYTES) {
            @Override
            public void close() {
                closed.countDown();
            }
        };
        assertThatThrownBy(() -> SharedPull.start(folder.resolve("none/blob"), from, NO_END))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(closed.getCount()).isZero();
    }

    @Test
    void aPullThatBreaksOffBreaksItsReadersOff() throws Exception {
        pull = SharedPull.start(
                folder.resolve("other"),
                new InputStream() {
                    @Override
                    public int read() {
                        throw new IllegalStateException("the registry is gone");
                    }
                },
                new SharedPull.End() {
                    @Override
                    public void complete(Path file) {
                        throw new AssertionError("it is not whole");
                    }

                    @Override
                    public void failed() {}
                });
        assertThatThrownBy(() -> {
                    try (InputStream in = reader()) {
                        in.readAllBytes();
                    }
                })
                .hasMessage("the registry is gone");
    }

    @Test
    void whoeverComesAfterThePullHasFailedHearsWhyAndNotThatTheFileIsGone() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        Path file = folder.resolve("other");
        pull = SharedPull.start(
                file,
                new InputStream() {
                    @Override
                    public int read() {
                        throw new IllegalStateException("the registry is gone");
                    }
                },
                new SharedPull.End() {
                    @Override
                    public void complete(Path whole) {
                        throw new AssertionError("it is not whole");
                    }

                    @Override
                    public void failed() {
                        assertThat(file.toFile().delete()).isTrue();
                        gone.countDown();
                    }
                });
        gone.await();
        assertThatThrownBy(this::reader).hasMessage("the registry is gone");
    }
}
