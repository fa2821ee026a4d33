package build.kiln.builder.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/// One HTTP request and its answer, without judgement; knows TLS, and neither retries nor follows anything.
final class Wire implements AutoCloseable {

    private final RegistrySettings settings;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

    Wire(RegistrySettings settings) {
        this.settings = settings;
    }

    /// Sends the request, and returns when the answer's headers are there.
    HttpResponse<InputStream> send(HttpRequest request, boolean insecure) throws IOException, InterruptedException {
        return client(request.uri(), insecure).send(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    HttpClient client(URI uri, boolean insecure) {
        if (uri.getScheme().equals("http")) {
            return clients.computeIfAbsent("http", _ -> client(HttpClient.Version.HTTP_1_1, new PlainHttpOnly()));
        }
        String host = uri.getAuthority();
        String key = (insecure ? "insecure " : "https ") + (hasOwnTrust(host) ? host : "");
        return clients.computeIfAbsent(key, _ -> {
            Trust trust = Trust.of(host, settings.certsDirs(), settings.caFiles());
            return client(HttpClient.Version.HTTP_2, insecure ? trust.believingAll() : trust.context());
        });
    }

    private boolean hasOwnTrust(String host) {
        return settings.certsDirs().stream().anyMatch(folder -> Files.isDirectory(folder.resolve(host)));
    }

    private HttpClient client(HttpClient.Version version, SSLContext context) {
        return HttpClient.newBuilder()
                .version(version)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeouts().connect())
                .executor(threads)
                .proxy(settings.proxies())
                .sslContext(context)
                .build();
    }

    @Override
    public void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        threads.shutdownNow();
    }
}
