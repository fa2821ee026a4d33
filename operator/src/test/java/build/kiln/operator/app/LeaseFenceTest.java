package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseFenceTest {

    private final AtomicLong clock = new AtomicLong(1_000_000_000L);
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger code = new AtomicInteger(200);
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}".getBytes(StandardCharsets.US_ASCII);
            // An answer takes its time, which does not make the lease any newer.
            clock.addAndGet(Duration.ofSeconds(4).toNanos());
            exchange.sendResponseHeaders(code.get(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        LeaseFence fence = new LeaseFence(Duration.ofSeconds(10), clock::get, ends::incrementAndGet);
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("fence", fence))
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void whoHasRenewedItsLeaseLatelyWrites() {
        renew();
        write();
        assertThat(ends).hasValue(0);
    }

    @Test
    void whoStoodStillUntilTheLeaseMayBeAnothersWritesNothingAnyMore() {
        renew();
        // Four seconds have passed since the renewal was sent.
        clock.addAndGet(Duration.ofMillis(6001).toNanos());
        client.pods().inNamespace("a").withName("b").get();
        assertThat(ends).hasValue(0);
        write();
        assertThat(ends).hasValue(1);
    }

    @Test
    void aRenewalThatIsRefusedIsNone() {
        renew();
        clock.addAndGet(Duration.ofSeconds(5).toNanos());
        code.set(409);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(this::renew))
                .isInstanceOf(KubernetesClientException.class);
        code.set(200);
        write();
        assertThat(ends).hasValue(1);
    }

    @Test
    void whoHasNoLeaseHasNothingToLose() {
        clock.addAndGet(Duration.ofHours(1).toNanos());
        write();
        assertThat(ends).hasValue(0);
    }

    private void renew() {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace("kiln")
                        .withName("kiln-operator")
                        .endMetadata()
                        .build())
                .create();
    }

    private void write() {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("a")
                        .withName("b")
                        .endMetadata()
                        .build())
                .create();
    }
}
