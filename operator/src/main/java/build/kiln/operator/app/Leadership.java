package build.kiln.operator.app;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/// The lease by which one of several replicas works.
///
/// Who has lost it ends at once, before another one writes. Who gives it up because it is stopped does not: the lease
/// is
/// free from then on, and the next replica takes it.
final class Leadership {

    private static final String LEASE = "kiln-operator";

    /// How long others leave it to who renewed it last, and how long that one tries to renew it.
    private static final Duration LEASE_DURATION = Duration.ofSeconds(15);

    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);

    private final AtomicBoolean isGivenUp = new AtomicBoolean();
    private final String identity;
    private final Runnable end;

    /// @param identity of this replica, which no other has
    /// @param end ends the process
    Leadership(String identity, Runnable end) {
        this.identity = identity;
        this.end = end;
    }

    LeaderElectionConfiguration in(String namespace) {
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                .withLeaseNamespace(namespace)
                .withIdentity(identity)
                .withLeaseDuration(LEASE_DURATION)
                .withRenewDeadline(RENEW_DEADLINE)
                // It ends the process also when the process is ending, and waits for itself.
                .withExitOnStopLeading(false)
                .withLeaderCallbacks(new LeaderCallbacks(() -> {}, this::ended, leader -> {}))
                .build();
    }

    /// What the requests of a replica have to go through.
    ///
    /// @param end ends the process
    static LeaseFence fence(Runnable end) {
        return new LeaseFence(RENEW_DEADLINE, System::nanoTime, () -> {
            LoggerFactory.getLogger(Leadership.class)
                    .error(
                            "The lease {} was not renewed for {} s, and another replica may work by now: this one ends",
                            LEASE,
                            RENEW_DEADLINE.toSeconds());
            end.run();
        });
    }

    /// From now on the lease's end is what is wanted.
    void giveUp() {
        isGivenUp.set(true);
    }

    /// Hands the lease back if it is this replica's; to be called when nothing is written any more.
    void handBack(KubernetesClient client, String namespace) {
        try {
            client.leases().inNamespace(namespace).withName(LEASE).edit(lease -> {
                if (identity.equals(lease.getSpec().getHolderIdentity())) {
                    lease.getSpec().setHolderIdentity("");
                    lease.getSpec().setLeaseDurationSeconds(1);
                }
                return lease;
            });
        } catch (KubernetesClientException e) {
            LoggerFactory.getLogger(Leadership.class)
                    .warn("The lease {} could not be handed back and runs out by itself: {}", LEASE, e.getMessage());
        }
    }

    private void ended() {
        if (!isGivenUp.get()) {
            LoggerFactory.getLogger(Leadership.class)
                    .error("The lease {} is lost, and another replica may work from now on: this one ends", LEASE);
            end.run();
        }
    }
}
