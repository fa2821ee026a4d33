package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TarHeaderTest {

    @Test
    void aHeaderAddsUpToTheSumOfItsBytesHoweverLargeTheyAre() {
        byte[] largest = new byte[512];
        Arrays.fill(largest, (byte) 0xff);
        assertThat(TarHeader.sum(largest)).isEqualTo(512 * 0xff);
        assertThat(TarHeader.sum(new byte[512])).isZero();

        byte[] any = new byte[512];
        new Random(1).nextBytes(any);
        long sum = 0;
        for (byte b : any) {
            sum += b & 0xff;
        }
        assertThat(TarHeader.sum(any)).isEqualTo(sum);
    }
}
