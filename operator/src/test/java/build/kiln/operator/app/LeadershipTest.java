package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeadershipTest {

    private final AtomicInteger ends = new AtomicInteger();
    private final Leadership leadership = new Leadership(ends::incrementAndGet);
    private final LeaderElectionConfiguration configuration = leadership.in("kiln");

    @Test
    void whoLosesTheLeaseEndsAtOnce() {
        configuration.getLeaderCallbacks().orElseThrow().onStopLeading();
        assertThat(ends).hasValue(1);
    }

    @Test
    void whoGivesItUpIsStoppedAnyway() {
        leadership.giveUp();
        configuration.getLeaderCallbacks().orElseThrow().onStopLeading();
        assertThat(ends).hasValue(0);
        assertThat(configuration.isExitOnStopLeading()).isFalse();
    }

    @Test
    void theLeaseIsTheOneOfTheChart() {
        assertThat(configuration.getLeaseName()).isEqualTo("kiln-operator");
        assertThat(configuration.getLeaseNamespace()).contains("kiln");
    }
}
