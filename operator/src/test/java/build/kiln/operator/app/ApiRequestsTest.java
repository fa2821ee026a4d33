package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.metrics.BuildMetrics;
import build.kiln.operator.metrics.Meters;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ApiRequestsTest {

    @Test
    void eachRequestThatIsSentCountsOnceByVerbAndResource() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            // Refused the first time: what is sent again counts again.
            int code = sent.incrementAndGet() == 1 ? 503 : 200;
            byte[] body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        Meters meters = new Meters(Meters.Grouping.NONE);
        BuildMetrics metrics = new BuildMetrics(meters);
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withRequestRetryBackoffLimit(2)
                        .withRequestRetryBackoffInterval(1)
                        .build())
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("count", new ApiRequests(metrics)))
                .build()) {
            client.pods().inNamespace("team-a").withName("web-1-0").get();
            client.resource(new PodBuilder()
                            .withNewMetadata()
                            .withNamespace("team-a")
                            .withName("web-1-0")
                            .endMetadata()
                            .build())
                    .create();
            client.resources(ImageBuild.class).inAnyNamespace().list();
            ImageBuild build = new ImageBuild();
            build.getMetadata().setNamespace("pods");
            build.getMetadata().setName("web");
            // Without it the client asks for the newest one first.
            build.getMetadata().setResourceVersion("1");
            client.resource(build).updateStatus();
            client.raw("/version");
        } finally {
            server.stop(0);
        }

        assertThat(Stream.of(meters.scrape().split("\n")).filter(l -> l.startsWith("kiln_api_requests_total")))
                .containsExactlyInAnyOrder(
                        "kiln_api_requests_total{resource=\"pods\",verb=\"get\"} 2.0",
                        "kiln_api_requests_total{resource=\"pods\",verb=\"create\"} 1.0",
                        "kiln_api_requests_total{resource=\"imagebuilds\",verb=\"list\"} 1.0",
                        "kiln_api_requests_total{resource=\"imagebuilds/status\",verb=\"update\"} 1.0",
                        "kiln_api_requests_total{resource=\"other\",verb=\"get\"} 1.0");
        assertThat(sent).hasValue(6);
    }
}
