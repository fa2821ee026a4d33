package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.discovery.Discovery;
import build.kiln.local.apiserver.discovery.OpenApi;
import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.Part;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads each request to who answers it.
public final class Routes implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

    private final String prefix;
    private final Resources resources;
    private final ObjectRequests objects;
    private final Discovery discovery;
    private final OpenApi openApi;
    private final PodLogs logs;

    /// @param prefix of all paths, without a slash at its end
    public Routes(String prefix, Resources resources, PodLogs logs) {
        this.prefix = prefix;
        this.resources = resources;
        this.objects = new ObjectRequests(resources);
        this.discovery = new Discovery(resources.types());
        this.openApi = new OpenApi(resources.types());
        this.logs = logs;
    }

    @Override
    public void handle(HttpExchange exchange) {
        try (exchange) {
            try {
                Request request = Request.of(exchange, prefix);
                LOG.debug("{} {}", request.method(), exchange.getRequestURI());
                answer(request);
            } catch (ApiFailure e) {
                Reply.json(exchange, e.code(), e.status());
            } catch (RuntimeException e) {
                LOG.error("{} {} broke the server", exchange.getRequestMethod(), exchange.getRequestURI(), e);
                Reply.json(exchange, 500, ApiFailure.internal(String.valueOf(e)).status());
            }
        } catch (IOException e) {
            LOG.debug("The client of {} is gone: {}", exchange.getRequestURI(), e.getMessage());
        } catch (InterruptedException e) {
            LOG.debug("{} ends with the server", exchange.getRequestURI());
        }
    }

    private void answer(Request request) throws IOException, InterruptedException {
        if (request.header("Upgrade").equalsIgnoreCase("websocket")) {
            // A client that tries a watch by WebSocket first takes an empty answer as the sign to try HTTP.
            Reply.bytes(request.exchange(), 200, "application/json", new byte[0]);
            return;
        }
        List<String> path = request.path();
        switch (path.isEmpty() ? "" : path.getFirst()) {
            case "healthz", "livez", "readyz" ->
                Reply.bytes(request.exchange(), 200, "text/plain", "ok".getBytes(StandardCharsets.US_ASCII));
            case "version" -> Reply.json(request.exchange(), 200, Discovery.version());
            case "openapi" -> openApi(request);
            case "api" -> api(request, "", path.subList(1, path.size()));
            case "apis" -> {
                if (path.size() == 1) {
                    groups(request);
                } else if (path.size() == 2) {
                    found(request, discovery.groupDocument(path.get(1)));
                } else {
                    api(request, path.get(1), path.subList(2, path.size()));
                }
            }
            default -> throw ApiFailure.unknownPath();
        }
    }

    private static void found(Request request, Optional<? extends JsonNode> document) throws IOException {
        Reply.json(request.exchange(), 200, document.orElseThrow(ApiFailure::unknownPath));
    }

    private void groups(Request request) throws IOException {
        if (!sentAggregated(
                request,
                discovery.groupNames().stream()
                        .filter(group -> !group.isEmpty())
                        .collect(java.util.stream.Collectors.toSet()))) {
            Reply.json(request.exchange(), 200, discovery.groups());
        }
    }

    private boolean sentAggregated(Request request, Set<String> groups) throws IOException {
        if (!request.accept().contains("as=APIGroupDiscoveryList")
                || !request.accept().contains("v=v2;")) {
            return false;
        }
        byte[] body = Json.bytes(discovery.aggregated(groups));
        Reply.bytes(request.exchange(), 200, Discovery.AGGREGATED, body);
        return true;
    }

    private void openApi(Request request) throws IOException {
        List<String> path = request.path();
        if (path.size() < 2) {
            throw ApiFailure.unknownPath();
        }
        if (path.get(1).equals("v2") && path.size() == 2) {
            if (request.accept().contains("protobuf")) {
                Reply.bytes(
                        request.exchange(),
                        200,
                        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                        OpenApi.secondVersionAsProtobuf());
            } else {
                Reply.json(request.exchange(), 200, OpenApi.secondVersion());
            }
        } else if (path.get(1).equals("v3") && path.size() == 2) {
            Reply.json(request.exchange(), 200, openApi.index());
        } else if (path.get(1).equals("v3")) {
            found(request, openApi.document(path.subList(2, path.size())));
        } else {
            throw ApiFailure.unknownPath();
        }
    }

    /// @param path below the group: version, then resources
    private void api(Request request, String group, List<String> path) throws IOException, InterruptedException {
        if (path.isEmpty()) {
            if (!sentAggregated(request, Set.of(""))) {
                Reply.json(request.exchange(), 200, Discovery.coreVersions());
            }
            return;
        }
        String version = path.getFirst();
        List<String> rest = path.subList(1, path.size());
        if (rest.isEmpty()) {
            found(request, discovery.resources(group, version));
            return;
        }
        String namespace = "";
        if (rest.size() > 2 && rest.getFirst().equals("namespaces") && !isPart(rest.get(2))) {
            namespace = rest.get(1);
            rest = rest.subList(2, rest.size());
        }
        ResourceType type =
                resources.types().find(group, version, rest.getFirst()).orElseThrow(ApiFailure::unknownPath);
        if (!namespace.isEmpty() && !type.isNamespaced()) {
            throw ApiFailure.unknownPath();
        }
        switch (rest.size()) {
            case 1 -> objects.onCollection(request, type, namespace);
            case 2 -> objects.onObject(request, type, namespace, rest.get(1), Part.OBJECT);
            case 3 -> subresource(request, type, namespace, rest.get(1), rest.get(2));
            default -> throw ApiFailure.unknownPath();
        }
    }

    /// `/namespaces/x/status` is a part of the namespace x, and no resource in it.
    private static boolean isPart(String word) {
        return word.equals("status");
    }

    private void subresource(Request request, ResourceType type, String namespace, String name, String subresource)
            throws IOException, InterruptedException {
        if (!type.subresources().contains(subresource)) {
            throw ApiFailure.unknownPath();
        }
        switch (subresource) {
            case "status" -> objects.onObject(request, type, namespace, name, Part.STATUS);
            case "log" -> {
                String uid = Metadata.uid(resources.get(type, namespace, name).object());
                logs.copy(
                        logQuery(request, namespace, name, uid), () -> Reply.stream(request.exchange(), "text/plain"));
            }
            case "eviction" -> objects.evict(request, namespace, name);
            case "binding" -> objects.bind(request, namespace, name);
            default -> throw ApiFailure.unknownPath();
        }
    }

    private static void checkContainer(ObjectNode pod, String container) {
        List<String> names = pod.path("spec").path("containers").findValuesAsText("name");
        if (!container.isEmpty() && !names.contains(container)) {
            throw ApiFailure.badRequest("container " + container + " is not valid for pod " + Metadata.name(pod)
                    + "; it has " + String.join(", ", names));
        }
    }

    private PodLogs.Query logQuery(Request request, String namespace, String name, String uid) {
        return new PodLogs.Query(
                namespace,
                name,
                uid,
                request.parameter("container"),
                request.asksFor("follow") ? PodLogs.End.WITH_CONTAINER : PodLogs.End.NOW,
                request.asksFor("timestamps") ? PodLogs.Lines.WITH_TIME : PodLogs.Lines.PLAIN,
                request.number("tailLines", -1),
                since(request),
                request.number("limitBytes", -1));
    }

    private @Nullable Instant since(Request request) {
        long seconds = request.number("sinceSeconds", -1);
        String time = request.parameter("sinceTime");
        if (seconds >= 0) {
            return resources.clock().instant().minusSeconds(seconds);
        }
        try {
            return time.isEmpty() ? null : OffsetDateTime.parse(time).toInstant();
        } catch (DateTimeParseException e) {
            throw ApiFailure.badRequest("the parameter sinceTime is \"" + time + "\", which is no RFC 3339 time");
        }
    }
}
