package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WatchTextTest {

    private static final String TEXT = "Grüße, 世界 🎉!";

    @Test
    void whatIsCutAnywhereIsTheSameText() throws Exception {
        String json = "{\"text\": \"" + TEXT + "\"}";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            WatchText.Escapes escapes = new WatchText.Escapes();
            String ascii = ascii(escapes.of(ByteBuffer.wrap(bytes, 0, cut)))
                    + ascii(escapes.of(ByteBuffer.wrap(bytes, cut, bytes.length - cut)));
            assertThat(ascii.chars()).as("cut at %d", cut).allMatch(c -> c >= ' ' && c < 0x80);
            assertThat(new ObjectMapper().readTree(ascii).path("text").asText()).isEqualTo(TEXT);
        }
    }

    private static String ascii(ByteBuffer part) {
        return StandardCharsets.ISO_8859_1.decode(part).toString();
    }

    @Test
    void aWatchThatIsCutInACharacterTellsWhatWasWritten() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            byte[] lines = (event("one") + event("two")).getBytes(StandardCharsets.UTF_8);
            // In the middle of the first character of two bytes.
            int cut = new String(lines, StandardCharsets.ISO_8859_1).indexOf('Ã') + 1;
            exchange.sendResponseHeaders(200, 0);
            for (byte[] part : new byte[][] {Arrays.copyOf(lines, cut), Arrays.copyOfRange(lines, cut, lines.length)}) {
                exchange.getResponseBody().write(part);
                exchange.getResponseBody().flush();
                sleep();
            }
            exchange.close();
        });
        server.start();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(new ConfigBuilder()
                                .withMasterUrl("http://127.0.0.1:"
                                        + server.getAddress().getPort())
                                .withOnlyHttpWatches(true)
                                .build())
                        .withHttpClientFactory(new JdkHttpClientFactory())
                        .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("text", new WatchText()))
                        .build();
                Watch _ = client.configMaps().inNamespace("team-a").watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, ConfigMap object) {
                        seen.add(object.getMetadata().getName() + " "
                                + object.getData().get("text"));
                    }

                    @Override
                    public void onClose(WatcherException cause) {
                        seen.add(cause.toString());
                    }
                })) {
            assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("one " + TEXT);
            assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("two " + TEXT);
        } finally {
            server.stop(0);
        }
    }

    private static String event(String name) {
        return """
            {"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap",\
            "metadata":{"name":"%s","namespace":"team-a","resourceVersion":"7"},"data":{"text":"%s"}}}
            """.formatted(name, TEXT);
    }

    private static void sleep() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
