package build.kiln.builder.cache.collect;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsTest {

    private static final OptionalLong NOT_CHOSEN = OptionalLong.empty();
    private static final long GIB = 1L << 30;

    @TempDir
    private Path root;

    @Test
    void whatNobodyHasChosenFollowsTheSizeOfTheVolume() throws IOException {
        long total = total();
        Limits chosenByNobody = Limits.ofVolume(root);
        assertThat(chosenByNobody.maxBytes()).isEqualTo(total / 5 * 4);
        assertThat(chosenByNobody.minFreeBytes()).isEqualTo(Math.min(2 * GIB, total / 20));
        assertThat(Limits.ofVolume(root, OptionalLong.of(12345), NOT_CHOSEN))
                .isEqualTo(new Limits(12345, chosenByNobody.minFreeBytes()));
        assertThat(Limits.ofVolume(root, NOT_CHOSEN, OptionalLong.of(12345)))
                .isEqualTo(new Limits(chosenByNobody.maxBytes(), 12345));
    }

    @Test
    void halfOfASmallVolumeIsLeftToTheCacheWhateverIsToStayFree() throws IOException {
        assertThat(Limits.ofVolume(root, NOT_CHOSEN, OptionalLong.of(Long.MAX_VALUE))
                        .minFreeBytes())
                .isEqualTo(total() / 2);
    }

    private long total() throws IOException {
        return FileSystemStatus.of(NativePath.of(root)).totalBytes();
    }
}
