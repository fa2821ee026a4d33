package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TokenUseTest {

    @Test
    void aTokenOfAKubeconfigIsReadAnew() {
        assertThat(TokenUse.of(config("{token: secret}"))).isEqualTo(TokenUse.TOKEN);
    }

    @Test
    void aPasswordIsSent() {
        assertThat(TokenUse.of(config("{username: me, password: secret}"))).isEqualTo(TokenUse.TOKEN);
    }

    @Test
    void aClientsCertificateIsNoToken() {
        assertThat(TokenUse.of(config("{client-certificate-data: Yw==, client-key-data: aw==}")))
                .isEqualTo(TokenUse.NO_TOKEN);
    }

    @Test
    void onlyWhereThereIsATokenEachRequestAsksForIt() throws Exception {
        assertThat(timesAsked(TokenUse.TOKEN)).isEqualTo(1);
        assertThat(timesAsked(TokenUse.NO_TOKEN)).isZero();
    }

    private static int timesAsked(TokenUse use) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        AtomicInteger asked = new AtomicInteger();
        HttpClient.Builder builder = new JdkHttpClientFactory().newBuilder();
        builder.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, new Interceptor() {
            @Override
            public void before(BasicBuilder request, HttpRequest sent, RequestTags tags) {
                asked.incrementAndGet();
            }
        });
        try (HttpClient client = use.configure(builder).build()) {
            client.sendAsync(
                            client.newHttpRequestBuilder()
                                    .uri("http://127.0.0.1:"
                                            + server.getAddress().getPort())
                                    .build(),
                            String.class)
                    .get();
        } finally {
            server.stop(0);
        }
        return asked.get();
    }

    private static Config config(String user) {
        return Config.fromKubeconfig("""
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
            users: [{name: u, user: %s}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """.formatted(user));
    }
}
