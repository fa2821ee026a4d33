package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.ExitStatus;
import build.kiln.builder.sandbox.MemoryUse;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {

    private static final String WHERE = "(stage \"build\", step 2 of 3)";
    private static final MemoryUse LIMITED = new MemoryUse(OptionalLong.of(314572800), OptionalLong.of(314568704));

    @Test
    void namesTheLimitAndWhatWasUsed() {
        assertThat(OutOfMemory.fact(status(137, LIMITED), "4.9 s", WHERE))
                .isEqualTo("RUN was killed after 4.9 s (stage \"build\", step 2 of 3) because the memory of the pod was"
                        + " used up: its limit is 300 MiB, and it had used up to 300 MiB.");
        assertThat(OutOfMemory.advice(LIMITED))
                .isEqualTo(
                        "Raise spec.pod.resources.limits.memory, let Kiln raise it (spec.retryWithMemory), or let the"
                                + " step use less.");
    }

    @Test
    void aChildThatWasKilledIsTheReasonOfAnOrdinaryEnd() {
        assertThat(OutOfMemory.fact(status(2, LIMITED), "4.9 s", WHERE))
                .isEqualTo("RUN ended with exit status 2 after 4.9 s, and one of its processes had been killed"
                        + " (stage \"build\", step 2 of 3) because the memory of the pod was used up: its limit is"
                        + " 300 MiB, and it had used up to 300 MiB.");
    }

    @Test
    void aPodWithoutALimitUsedUpTheMachine() {
        MemoryUse use = new MemoryUse(OptionalLong.empty(), OptionalLong.of(5L << 30));
        assertThat(OutOfMemory.fact(status(137, use), "4.9 s", WHERE))
                .isEqualTo("RUN was killed after 4.9 s (stage \"build\", step 2 of 3) because the memory of the machine"
                        + " was used up: the build had used up to 5120 MiB.");
        assertThat(OutOfMemory.advice(use)).startsWith("Request memory for the build");
    }

    private static ExitStatus status(int code, MemoryUse memory) {
        return new ExitStatus(code, ExitStatus.Ending.OUT_OF_MEMORY, Duration.ofSeconds(4), memory);
    }
}
