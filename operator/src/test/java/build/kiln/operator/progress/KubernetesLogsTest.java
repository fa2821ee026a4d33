package build.kiln.operator.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KubernetesLogsTest {

    @Test
    void aNodeThatDoesNotAnswerIsAskedOnceAndByTheFollowerAgain() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        server.start();
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withRequestRetryBackoffInterval(1)
                        .build())
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build()) {
            KubernetesLogs logs = new KubernetesLogs(client, "builder");
            assertThatThrownBy(() -> logs.follow(new PodKey("team-a", "web-1-0", "u")))
                    .isInstanceOf(IOException.class)
                    .hasMessage("The API server answered 500.");
        } finally {
            server.stop(0);
        }
        assertThat(asked).hasValue(1);
    }
}
