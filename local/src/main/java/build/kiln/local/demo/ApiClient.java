package build.kiln.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/// The few requests that the demo has for the cluster, as kubectl would send them.
final class ApiClient implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BUILDS = "/apis/kiln.build/v1alpha1/namespaces/default/imagebuilds/";
    private static final String PODS = "/api/v1/namespaces/default/pods/";

    private final URI server;
    private final HttpClient http = HttpClient.newHttpClient();

    ApiClient(URI server) {
        this.server = server;
    }

    /// As `kubectl apply --server-side`.
    ///
    /// @return the object's generation
    long apply(String name, JsonNode object) throws IOException, InterruptedException {
        HttpRequest request = request(BUILDS + name + "?fieldManager=kiln-demo&fieldValidation=Strict&force=true")
                .header("Content-Type", "application/apply-patch+yaml")
                .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(object)))
                .build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        JsonNode answer = JSON.readTree(response.body());
        if (response.statusCode() >= 300) {
            throw new DemoFailure("The cluster refused the ImageBuild: "
                    + answer.path("message").asText());
        }
        return answer.path("metadata").path("generation").asLong();
    }

    JsonNode build(String name) throws IOException, InterruptedException {
        HttpRequest request =
                request(BUILDS + name).timeout(Duration.ofSeconds(10)).build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new DemoFailure(
                    "The cluster answered " + response.statusCode() + " when asked for ImageBuild " + name + ".");
        }
        return JSON.readTree(response.body());
    }

    /// Hands out the lines of a pod's log until the pod ends.
    ///
    /// @return false if there is no log yet
    boolean followLog(String pod, Consumer<String> line) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                http.send(request(PODS + pod + "/log?follow=true").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() != 200) {
                return false;
            }
            lines.lines().forEach(line);
            return true;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + path)).header("Accept", "application/json");
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
