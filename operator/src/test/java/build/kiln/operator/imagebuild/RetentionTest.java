package build.kiln.operator.imagebuild;

import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.failed;
import static build.kiln.operator.policy.Fixtures.pod;
import static build.kiln.operator.policy.Fixtures.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.History;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.PodState;
import build.kiln.protocol.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final Retention RETENTION = new Retention(Duration.ofHours(24));
    private static final History TWO_AND_ONE = new History(2, 1);

    private static final BuilderPod GOOD_1 = pod(1, 0, new PodState.Reported(succeeded()));
    private static final BuilderPod GOOD_2 = pod(2, 1, new PodState.Reported(succeeded()));
    private static final BuilderPod GOOD_3 = pod(3, 0, new PodState.Reported(succeeded()));
    private static final BuilderPod BAD_2 =
            pod(2, 0, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)));
    private static final BuilderPod BAD_4 = pod(4, 0, new PodState.Reported(failed("RunFailed", Fault.USER)));
    private static final BuilderPod RUNNING = pod(5, 0, new PodState.Running());

    @Test
    void theNewestOfEachKindAreKept() {
        assertThat(tooMany(NOW)).containsExactlyInAnyOrder(GOOD_1, BAD_2);
    }

    @Test
    void whatIsTooOldGoesHoweverFewThereAre() {
        assertThat(tooMany(NOW.plus(Duration.ofHours(23)))).containsExactlyInAnyOrder(GOOD_1, BAD_2);
        assertThat(tooMany(NOW.plus(Duration.ofHours(24))))
                .containsExactlyInAnyOrder(GOOD_1, GOOD_2, GOOD_3, BAD_2, BAD_4);
    }

    private static List<BuilderPod> tooMany(Instant now) {
        return RETENTION.tooMany(List.of(GOOD_1, BAD_2, GOOD_2, GOOD_3, BAD_4, RUNNING), TWO_AND_ONE, now);
    }
}
