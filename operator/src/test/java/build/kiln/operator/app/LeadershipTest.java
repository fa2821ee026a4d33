package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeadershipTest {

    private final AtomicInteger ends = new AtomicInteger();
    private final Leadership leadership = new Leadership("replica-a", ends::incrementAndGet);
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
    void onlyTheOwnLeaseIsHandedBack() {
        KubernetesMockServer server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
        server.init();
        try (KubernetesClient client = server.createClient()) {
            for (String holder : List.of("replica-b", "replica-a")) {
                client.leases()
                        .inNamespace("kiln")
                        .resource(new LeaseBuilder()
                                .withNewMetadata()
                                .withName("kiln-operator")
                                .endMetadata()
                                .withNewSpec()
                                .withHolderIdentity(holder)
                                .withLeaseDurationSeconds(15)
                                .endSpec()
                                .build())
                        .createOr(NonDeletingOperation::update);
                leadership.handBack(client, "kiln");
                assertThat(client.leases()
                                .inNamespace("kiln")
                                .withName("kiln-operator")
                                .get()
                                .getSpec()
                                .getHolderIdentity())
                        .isEqualTo(holder.equals("replica-a") ? "" : holder);
            }
        } finally {
            server.destroy();
        }
    }

    @Test
    void theLeaseIsTheOneOfTheChart() {
        assertThat(configuration.getLeaseName()).isEqualTo("kiln-operator");
        assertThat(configuration.getLeaseNamespace()).contains("kiln");
    }
}
