package build.kiln.operator.progress;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Logs by the Kubernetes API.
public final class KubernetesLogs implements BuilderLogs {

    private final KubernetesClient client;
    private final String container;

    public KubernetesLogs(KubernetesClient client, String container) {
        this.client = client;
        this.container = container;
    }

    @Override
    public InputStream follow(PodKey pod) throws IOException {
        // Who follows tries again by himself; the client would ask ten times each time.
        HttpClient http = client.getHttpClient()
                .newBuilder()
                .tag(new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        // The client's own way to follow a log lists the pod before, to see whether it runs.
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(URI.create(client.getMasterUrl()
                        + "api/v1/namespaces/%s/pods/%s/log?container=%s&follow=true"
                                .formatted(pod.namespace(), pod.name(), container)))
                .build();
        CompletableFuture<HttpResponse<InputStream>> answer;
        try {
            answer = http.sendAsync(request, InputStream.class);
        } catch (KubernetesClientException | IllegalStateException e) {
            // The second is what a closed client says.
            throw new IOException(e.getMessage(), e);
        }
        try {
            HttpResponse<InputStream> log = answer.get();
            if (!log.isSuccessful()) {
                log.body().close();
                throw new IOException("The API server answered " + log.code() + ".");
            }
            return log.body();
        } catch (ExecutionException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Nobody wants the log any more.");
        }
    }

    @Override
    public Life life(PodKey key) {
        try {
            Pod pod = client.pods()
                    .inNamespace(key.namespace())
                    .withName(key.name())
                    .get();
            if (pod == null || !key.uid().equals(pod.getMetadata().getUid())) {
                return Life.GONE;
            }
            String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
            return "Succeeded".equals(phase) || "Failed".equals(phase) ? Life.ENDED : Life.ACTIVE;
        } catch (KubernetesClientException | IllegalStateException e) {
            // Nobody knows: better one more try than a build whose progress is never seen again.
            return Life.ACTIVE;
        }
    }
}
