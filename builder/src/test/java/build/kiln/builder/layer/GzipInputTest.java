package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GzipInputTest {

    enum By {
        ISAL(() -> IsalUnpacker.find().orElseThrow().get()),
        ZLIB(ZlibUnpacker::new);

        private final Supplier<Unpacker> open;

        By(Supplier<Unpacker> open) {
            this.open = open;
        }

        Unpacker unpacker() {
            return open.get();
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void whatWasPackedComesOutInWhateverPiecesItIsFedAndRead(By by) throws Exception {
        for (int seed = 0; seed < 25; seed++) {
            Random random = new Random(seed);
            byte[] content = content(random, random.nextInt(1 << random.nextInt(1, 21)));
            byte[] packed = members(random, content);
            int feed = 1 << random.nextInt(18);
            int read = 1 << random.nextInt(20);
            try (InputStream in = new GzipInput(new Drip(packed, feed), by.unpacker())) {
                assertThat(readAll(in, read))
                        .as("seed %d, fed by %d, read by %d", seed, feed, read)
                        .isEqualTo(content);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void noDamageGoesUnnoticed(By by) throws Exception {
        byte[] content = content(new Random(1), 400);
        for (int level : new int[] {Deflater.NO_COMPRESSION, Deflater.BEST_COMPRESSION}) {
            byte[] packed = member(content, level);
            int noticed = 0;
            for (int at = 10; at < packed.length; at++) { // before that it may be the time or the system
                for (int bit = 1; bit < 256; bit <<= 1) {
                    byte[] damaged = packed.clone();
                    damaged[at] ^= (byte) bit;
                    try {
                        // A few bits mean nothing.
                        assertThat(unpacked(damaged, by))
                                .as("bit %d of byte %d", bit, at)
                                .isEqualTo(content);
                    } catch (InvalidLayer e) {
                        noticed++;
                    }
                }
            }
            assertThat(noticed).isGreaterThan((packed.length - 10) * 8 - 8);
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void streamThatIsCutOffIsRefused(By by) throws Exception {
        byte[] packed = member(content(new Random(2), 400), Deflater.DEFAULT_COMPRESSION);
        for (int length = 1; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> unpacked(cut, by))
                    .isInstanceOf(InvalidLayer.class)
                    .hasMessage("The gzip stream ends in the middle.");
        }
    }

    static List<By> here() {
        return IsalUnpacker.find().isPresent() ? List.of(By.values()) : List.of(By.ZLIB);
    }

    private static byte[] unpacked(byte[] packed, By by) throws IOException {
        try (InputStream in = new GzipInput(new ByteArrayInputStream(packed), by.unpacker())) {
            return in.readAllBytes();
        }
    }

    /// Text and noise by turns.
    private static byte[] content(Random random, int length) {
        byte[] content = new byte[length];
        for (int at = 0; at < length; ) {
            int end = Math.min(length, at + 1 + random.nextInt(40_000));
            boolean text = random.nextBoolean();
            for (; at < end; at++) {
                content[at] = (byte) (text ? "the quick brown fox".charAt(at % 17) : random.nextInt());
            }
        }
        return content;
    }

    private static byte[] members(Random random, byte[] content) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        do {
            int end = random.nextInt(3) == 0 ? content.length : at + random.nextInt(content.length - at + 1);
            all.write(member(Arrays.copyOfRange(content, at, end), random.nextInt(10)));
            at = end;
        } while (at < content.length);
        return all.toByteArray();
    }

    private static byte[] member(byte[] content, int level) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed) {
            {
                def.setLevel(level);
            }
        }) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private static byte[] readAll(InputStream in, int piece) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[piece];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            all.write(buffer, 0, count);
        }
        return all.toByteArray();
    }

    /// Gives no more than so many bytes at a time.
    private static final class Drip extends InputStream {

        private final InputStream in;
        private final int most;

        Drip(byte[] bytes, int most) {
            this.in = new ByteArrayInputStream(bytes);
            this.most = most;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, Math.min(most, length));
        }
    }
}
