package build.kiln.operator.app;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// What the API server in memory lacks: admission, dry runs, and Events by what they are about (all of the namespace
/// are
/// given out).
final class TestAdmission extends KubernetesMixedDispatcher {

    private final Map<String, Function<Pod, Optional<String>>> policies = new ConcurrentHashMap<>();
    private final Map<String, UnaryOperator<Pod>> changes = new ConcurrentHashMap<>();
    private final Map<String, String> conflicts = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> trials = new ConcurrentHashMap<>();
    private final Set<String> toBeBroken = ConcurrentHashMap.newKeySet();

    /// The reason for the end of a WebSocket that a server may not give.
    private static final int ONLY_FOR_CLIENTS = 1010;

    TestAdmission(Map<ServerRequest, Queue<ServerResponse>> responses) {
        super(responses);
    }

    /// What the namespace says of a pod that it does not admit; empty for one that it does.
    void of(String namespace, Function<Pod, Optional<String>> policy) {
        policies.put(namespace, policy);
    }

    /// What a webhook makes of each pod of the namespace.
    void changes(String namespace, UnaryOperator<Pod> change) {
        changes.put(namespace, change);
    }

    /// The next status with this text in it comes too late: somebody else has written meanwhile.
    void conflict(String namespace, String text) {
        conflicts.put(namespace, text);
    }

    /// The next watch on a resource ends with an answer that WebSockets do not allow.
    void breaksNextWatch(String resource) {
        toBeBroken.add(resource);
    }

    /// Whether the last one that was to be broken still stands out.
    boolean isToBreakAWatch() {
        return !toBeBroken.isEmpty();
    }

    /// How many pods were tried out in the namespace.
    int trials(String namespace) {
        return trials.getOrDefault(namespace, new AtomicInteger()).get();
    }

    /// Whoever asks may do everything: an operator looks whether the lease is within its reach.
    private static final String EVERYTHING = """
        {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "metadata": {}, "spec": {},
         "status": {"incomplete": false, "nonResourceRules": [],
                    "resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}}
        """;

    @Override
    public MockResponse dispatch(RecordedRequest request) {
        if (request.getPath().endsWith("/selfsubjectrulesreviews")) {
            return new MockResponse().setResponseCode(201).setBody(EVERYTHING);
        }
        if (toBeBroken.stream().anyMatch(r -> request.getPath().matches(".*/" + r + "\\?.*watch=true.*"))) {
            toBeBroken.clear();
            return new MockResponse().withWebSocketUpgrade(new WebSocketListener() {
                @Override
                public void onOpen(WebSocket webSocket, Response response) {
                    webSocket.close(ONLY_FOR_CLIENTS, "");
                }
            });
        }
        if ("GET".equals(request.getMethod()) && request.getPath().matches(".*/events\\?fieldSelector=.*")) {
            return super.dispatch(at(request, request.getPath().replaceFirst("\\?.*", ""), ""));
        }
        if ("PUT".equals(request.getMethod())
                && request.getPath().matches(".*/imagebuilds/[^/]+/status")
                && !conflicts.isEmpty()) {
            return status(request);
        }
        if (!"POST".equals(request.getMethod()) || !request.getPath().matches(".*/pods(\\?.*)?")) {
            return super.dispatch(request);
        }
        boolean isTrial = request.getPath().contains("dryRun=All");
        if (!isTrial && policies.isEmpty() && changes.isEmpty()) {
            return super.dispatch(request);
        }
        String namespace = request.getPath().replaceFirst(".*/namespaces/([^/]+)/.*", "$1");
        if (!isTrial && !policies.containsKey(namespace) && !changes.containsKey(namespace)) {
            return super.dispatch(request);
        }
        String body = new String(request.getBody().readByteArray(), java.nio.charset.StandardCharsets.UTF_8);
        Pod pod = Objects.requireNonNull(Serialization.unmarshal(body, Pod.class));
        if (isTrial) {
            trials.computeIfAbsent(namespace, n -> new AtomicInteger()).incrementAndGet();
        }
        Optional<String> refusal =
                policies.getOrDefault(namespace, p -> Optional.empty()).apply(pod);
        if (refusal.isPresent()) {
            return new MockResponse()
                    .setResponseCode(403)
                    .setBody(Serialization.asJson(new StatusBuilder()
                            .withStatus("Failure")
                            .withCode(403)
                            .withReason("Forbidden")
                            .withMessage("pods \"" + pod.getMetadata().getName() + "\" is forbidden: " + refusal.get())
                            .build()));
        }
        String changed =
                Serialization.asJson(changes.getOrDefault(namespace, p -> p).apply(pod));
        if (isTrial) {
            return new MockResponse().setResponseCode(201).setBody(changed);
        }
        return super.dispatch(at(request, request.getPath(), changed));
    }

    private MockResponse status(RecordedRequest request) {
        String namespace = request.getPath().replaceFirst(".*/namespaces/([^/]+)/.*", "$1");
        String body = new String(request.getBody().readByteArray(), java.nio.charset.StandardCharsets.UTF_8);
        String text = conflicts.get(namespace);
        if (text == null || !body.contains(text)) {
            return super.dispatch(at(request, request.getPath(), body));
        }
        conflicts.remove(namespace);
        return new MockResponse()
                .setResponseCode(409)
                .setBody(Serialization.asJson(new StatusBuilder()
                        .withStatus("Failure")
                        .withCode(409)
                        .withReason("Conflict")
                        .withMessage("the object has been modified")
                        .build()));
    }

    /// The request, to another path; its own body can be read only once.
    private static RecordedRequest at(RecordedRequest request, String path, String body) {
        return new RecordedRequest(
                "HTTP/1.1",
                request.method(),
                path,
                request.getHeaders(),
                new io.fabric8.mockwebserver.http.Buffer(body.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
}
