package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
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

    @Test
    void anArchiveOfMoreSmallFilesThanMemoryIsSpentOnIsUnpackedWhole() throws IOException {
        int count = 400;
        byte[] content = new byte[50_000];
        try (TarArchiveOutputStream tar = tar("a.tar")) {
            for (int i = 0; i < count; i++) {
                put(tar, "f" + i, filled(content, i));
            }
        }
        assertThat(add("--output", "type=tar,dest=" + own.resolve("out.tar")).status())
                .isZero();

        int seen = 0;
        try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(own.resolve("out.tar")))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                int number = Integer.parseInt(entry.getName().replaceAll("\\D", ""));
                assertThat(tar.readAllBytes()).isEqualTo(filled(content, number));
                seen++;
            }
        }
        assertThat(seen).isEqualTo(count);
    }

    @Test
    void aLinkToWhatIsNotInTheArchiveIsSaid() throws IOException {
        try (TarArchiveOutputStream tar = tar("a.tar")) {
            TarArchiveEntry link = new TarArchiveEntry("b", TarConstants.LF_LINK);
            link.setLinkName("a");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        assertThat(add().lastWord())
                .isEqualTo("ERROR: DestinationConflict: Dockerfile:2: \"ADD a.tar /\" cannot put its files there: the"
                        + " archive \"a.tar\" is broken: its hard link /b names /a, which is no file of this layer."
                        + " Pack it again, or add it as it is with ADD --unpack=false.");
    }

    private TarArchiveOutputStream tar(String name) throws IOException {
        return new TarArchiveOutputStream(Files.newOutputStream(own.resolve(name)));
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static byte[] filled(byte[] content, int number) {
        Arrays.fill(content, (byte) number);
        return content;
    }

    private CommandLineRun add(String... flags) throws IOException {
        Files.writeString(own.resolve("Dockerfile"), "FROM scratch\nADD a.tar /\n");
        List<String> all = new ArrayList<>(List.of("build", own.toString()));
        all.addAll(List.of(flags));
        return CommandLineRun.of(own, Map.of(), all);
    }
}
