package build.kiln.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MeterTest {

    @Test
    void timeOfAGrandchildCounts() throws Exception {
        ProcessBuilder busy =
                new ProcessBuilder("sh", "-c", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; exit 3");
        Meter.Metered metered = Meter.run(List.of(busy), OptionalLong.empty());
        assertThat(metered.status()).isEqualTo(3);
        assertThat(metered.figures().cpuSeconds()).isGreaterThan(0.02);
        assertThat(metered.figures().wallSeconds())
                .isGreaterThan(metered.figures().cpuSeconds() / 2);
    }

    @Test
    void thePeakIsTheLargestOfSeveralBuilds() throws Exception {
        ProcessBuilder idle = new ProcessBuilder("sleep", "0.3");
        ProcessBuilder large =
                new ProcessBuilder("sh", "-c", "x=$(head -c 30000000 /dev/zero | tr '\\0' x); sleep 0.2; : $x");
        long small = Meter.run(List.of(idle), OptionalLong.empty()).figures().peakBytes();
        long both =
                Meter.run(List.of(large, idle), OptionalLong.empty()).figures().peakBytes();
        assertThat(both).isGreaterThan(30_000_000).isGreaterThan(small);
    }
}
