package build.kiln.operator.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the API server in memory lacks: admission, dry runs, lists in pages, and Events by what they are about (all of
/// the namespace are given out).
final class TestAdmission extends KubernetesMixedDispatcher {

    private final Map<String, Function<Pod, Optional<String>>> policies = new ConcurrentHashMap<>();
    private final Map<String, UnaryOperator<Pod>> changes = new ConcurrentHashMap<>();
    private final Map<String, String> conflicts = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> trials = new ConcurrentHashMap<>();
    private final Set<String> toBeBroken = ConcurrentHashMap.newKeySet();
    private final Set<String> toForget = ConcurrentHashMap.newKeySet();
    private final Map<String, Pages> pages = new ConcurrentHashMap<>();

    /// How many objects of a resource are in a page, and what was asked for each page.
    private record Pages(int size, List<String> asked) {}

    private static final Pattern LIST = Pattern.compile("(?<path>.*/(?<resource>[a-z]+))\\?(?<query>.*)");

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

    /// From now on, a list of a resource comes in pages of so many at the most.
    ///
    /// @return what was asked for each page from now on: a `limit`, and from the second one on also a `continue`
    List<String> pages(String resource, int size) {
        List<String> asked = new CopyOnWriteArrayList<>();
        pages.put(resource, new Pages(size, asked));
        return asked;
    }

    /// The next time that a resource's list is to go on, what it is to go on with is forgotten: the objects have
    /// changed
    /// too often meanwhile.
    void forgetsNextPage(String resource) {
        toForget.add(resource);
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
        Matcher list = LIST.matcher(request.getPath());
        Pages paging = list.matches() ? pages.get(list.group("resource")) : null;
        if ("GET".equals(request.getMethod()) && paging != null) {
            return page(request, list, paging);
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
            return refused(
                    403, "Forbidden", "pods \"" + pod.getMetadata().getName() + "\" is forbidden: " + refusal.get());
        }
        String changed =
                Serialization.asJson(changes.getOrDefault(namespace, p -> p).apply(pod));
        if (isTrial) {
            return new MockResponse().setResponseCode(201).setBody(changed);
        }
        return super.dispatch(at(request, request.getPath(), changed));
    }

    private MockResponse page(RecordedRequest request, Matcher list, Pages paging) {
        String resource = list.group("resource");
        Map<String, String> query = new TreeMap<>();
        for (String parameter : list.group("query").split("&", -1)) {
            String[] parts = parameter.split("=", 2);
            query.put(parts[0], parts[1]);
        }
        if (!query.containsKey("limit") || query.containsKey("watch")) {
            return super.dispatch(request);
        }
        String asked = "limit=" + query.remove("limit");
        int from = 0;
        if (query.containsKey("continue")) {
            asked += " continue=" + query.get("continue");
            from = Integer.parseInt(query.remove("continue").replace("after-", ""));
        }
        paging.asked().add(asked);
        if (from > 0 && toForget.remove(resource)) {
            return refused(410, "Expired", "The provided continue parameter is too old to display a consistent list.");
        }
        String rest = query.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining("&"));
        MockResponse whole = super.dispatch(at(request, list.group("path") + (rest.isEmpty() ? "" : "?" + rest), ""));
        ObjectNode all = (ObjectNode) Serialization.unmarshal(whole.getBody().readUtf8(), JsonNode.class);
        ArrayNode items = all.withArray("items");
        int to = Math.min(items.size(), from + paging.size());
        if (to < items.size()) {
            all.withObject("/metadata").put("continue", "after-" + to);
        }
        ArrayNode some = all.arrayNode();
        for (int i = from; i < to; i++) {
            some.add(items.get(i));
        }
        all.set("items", some);
        return new MockResponse().setResponseCode(200).setBody(Serialization.asJson(all));
    }

    private MockResponse status(RecordedRequest request) {
        String namespace = request.getPath().replaceFirst(".*/namespaces/([^/]+)/.*", "$1");
        String body = new String(request.getBody().readByteArray(), java.nio.charset.StandardCharsets.UTF_8);
        String text = conflicts.get(namespace);
        if (text == null || !body.contains(text)) {
            return super.dispatch(at(request, request.getPath(), body));
        }
        conflicts.remove(namespace);
        return refused(409, "Conflict", "the object has been modified");
    }

    private static MockResponse refused(int code, String reason, String message) {
        return new MockResponse()
                .setResponseCode(code)
                .setBody(Serialization.asJson(new StatusBuilder()
                        .withStatus("Failure")
                        .withCode(code)
                        .withReason(reason)
                        .withMessage(message)
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
