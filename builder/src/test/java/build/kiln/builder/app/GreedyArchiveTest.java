package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GreedyArchiveTest {

    /// Where the first block's header begins, and in it the byte that says how large the dictionary is.
    private static final int HEADER = 12;

    private static final int DICTIONARY = HEADER + 4;
    private static final byte ONE_AND_A_HALF_GIB = 37;

    @TempDir
    private Path own;

    @Test
    void anArchiveThatAsksForAllMemoryIsRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XZCompressorOutputStream xz = new XZCompressorOutputStream(out, 1)) {
            xz.write(new byte[1024]);
        }
        byte[] archive = out.toByteArray();
        archive[DICTIONARY] = ONE_AND_A_HALF_GIB;
        int length = (archive[HEADER] & 0xff) * 4;
        CRC32 checksum = new CRC32();
        checksum.update(archive, HEADER, length);
        ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN).putInt(HEADER + length, (int) checksum.getValue());
        Files.write(own.resolve("a.tar.xz"), archive);
        Files.writeString(own.resolve("Dockerfile"), "FROM scratch\nADD a.tar.xz /\n");

        CommandLineRun run = CommandLineRun.of(own, Map.of(), List.of("build", own.toString()));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.lastWord())
                .contains("Dockerfile:2: ")
                .containsIgnoringCase("the archive \"a.tar.xz\" takes ")
                .contains(" KiB of memory to unpack, and 131072 KiB are allowed");
    }
}
