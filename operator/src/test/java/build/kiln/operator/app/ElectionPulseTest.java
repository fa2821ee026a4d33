package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A replica that waits, with the client's own election, for a lease that another one has.
class ElectionPulseTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch broke = new CountDownLatch(1);
    private final ElectionPulse pulse = new ElectionPulse(clock::get);
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final KubernetesMockServer server = new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    private KubernetesClient client;

    @BeforeEach
    void start() {
        server.init();
        try (KubernetesClient plain = server.createClient()) {
            plain.resource(lease()).create();
            client = new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(plain.getConfiguration()).build())
                    .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("pulse", pulse))
                    .build();
        }
    }

    @AfterEach
    void stop() {
        client.close();
        server.destroy();
        executor.shutdownNow();
    }

    @Test
    void whoHasNoElectionIsNotMissed() {
        clock.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(pulse.isThere()).isTrue();
    }

    @Test
    void whoWaitsForTheLeaseIsThereHoweverLongThatTakes() {
        CompletableFuture<?> election = elector().start();
        for (int hour = 0; hour < 3; hour++) {
            clock.addAndGet(Duration.ofHours(1).toNanos());
            int before = asked.get();
            await().atMost(PATIENCE).pollDelay(Duration.ZERO).until(() -> asked.get() > before + 1);
            assertThat(pulse.isThere()).isTrue();
        }
        election.cancel(true);
    }

    /// A lease without the time of its last renewal, which only somebody else writes, ends the client's election with a
    /// NullPointerException that nobody hears of.
    @Test
    void anElectionThatDiedWhileItWaitedIsMissedAfterAMinute() throws InterruptedException {
        CompletableFuture<?> election = elector().start();
        await().atMost(PATIENCE).until(() -> asked.get() > 0);
        Lease broken = lease();
        broken.getSpec().setRenewTime(null);
        client.resource(broken).update();
        assertThat(broke.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        clock.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(pulse.isThere()).isTrue();
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(pulse.isThere()).isFalse();
        assertThat(election).isNotDone();
    }

    /// The kubelet starts it anew.
    @Test
    void aReplicaWhoseElectionHasEndedIsUnhealthy() throws IOException, InterruptedException {
        TestCluster cluster = new TestCluster(Map.of());
        try {
            cluster.askForLease(Duration.ofSeconds(61));
            assertThat(cluster.httpGet("/healthz")).isEqualTo("503 not yet\n");
            assertThat(cluster.httpGet("/readyz")).isEqualTo("503 not yet\n");
            cluster.askForLease(Duration.ZERO);
            assertThat(cluster.httpGet("/healthz")).isEqualTo("200 ok\n");
            assertThat(cluster.httpGet("/readyz")).isEqualTo("200 ok\n");
        } finally {
            cluster.close();
        }
    }

    private LeaderElector elector() {
        LeaseLock lock = new LeaseLock("kiln", "kiln-operator", "replica-a") {
            @Override
            public synchronized LeaderElectionRecord get(KubernetesClient with) {
                asked.incrementAndGet();
                try {
                    return super.get(with);
                } catch (NullPointerException e) {
                    broke.countDown();
                    throw e;
                }
            }
        };
        return new LeaderElector(
                client,
                new LeaderElectionConfig(
                        lock,
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(20),
                        new LeaderCallbacks(() -> {}, () -> {}, leader -> {}),
                        true,
                        "kiln-operator"),
                executor);
    }

    private static Lease lease() {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        return new LeaseBuilder()
                .withNewMetadata()
                .withNamespace("kiln")
                .withName("kiln-operator")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity("replica-b")
                .withLeaseDurationSeconds(15)
                .withRenewTime(now.plusHours(1))
                .withAcquireTime(now)
                .withLeaseTransitions(0)
                .endSpec()
                .build();
    }
}
