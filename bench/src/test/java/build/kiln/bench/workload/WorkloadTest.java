package build.kiln.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadTest {

    @TempDir
    private Path folder;

    @Test
    void theSameSeedGivesTheSameBytes() {
        assertThat(Data.mixed(7, 5000)).isEqualTo(Data.mixed(7, 5000)).isNotEqualTo(Data.mixed(8, 5000));
    }

    @Test
    void mixedDataCompressesAsImagesDo() {
        byte[] data = Data.mixed(1, 1 << 20);
        Deflater deflater = new Deflater();
        deflater.setInput(data);
        deflater.finish();
        int packed = deflater.deflate(new byte[data.length]);
        assertThat((double) packed / data.length).isBetween(0.4, 0.7);
    }

    @Test
    void sixBuildsHaveSixContextsWithOneDockerfile() throws Exception {
        List<Context> contexts = Workload.W7.contexts(folder, "127.0.0.1:5000");
        assertThat(contexts).hasSize(6);
        assertThat(contexts.stream()
                        .map(each -> text(each.folder().resolve("Dockerfile")))
                        .distinct())
                .hasSize(1);
        assertThat(contexts.stream().map(each -> text(each.changing())).distinct())
                .hasSize(6);
    }

    @Test
    void anEditChangesOneFileAndIsKept() throws Exception {
        Context context = Workload.W3.contexts(folder, "127.0.0.1:5000").getFirst();
        String before = text(context.changing());
        context.change(1);
        assertThat(text(context.changing())).startsWith(before).isNotEqualTo(before);
        assertThat(Workload.W3.contexts(folder, "127.0.0.1:5000")).containsExactly(context);
    }

    @Test
    void editsOfSeveralContextsHaveDifferentTimes() throws Exception {
        List<Context> contexts = Workload.W7.contexts(folder, "127.0.0.1:5000");
        for (Context context : contexts) {
            context.change(1);
        }
        Set<FileTime> times = new HashSet<>();
        for (Context context : contexts) {
            times.add(Files.getLastModifiedTime(context.changing()));
        }
        assertThat(times).hasSameSizeAs(contexts);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
