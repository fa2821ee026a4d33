package build.kiln.operator.app;

import build.kiln.operator.metrics.BuildMetrics;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Counts what is asked of the API server, each repetition of a request by itself.
final class ApiRequests implements Interceptor {

    /// The resources that the operator has to do with, and their subresources.
    private static final Set<String> RESOURCES =
            Set.of("imagebuilds", "pods", "persistentvolumeclaims", "events", "leases", "namespaces");

    private static final Set<String> SUBRESOURCES = Set.of("status", "log");

    private final BuildMetrics metrics;

    ApiRequests(BuildMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        List<String> path = belowNamespace(request.uri());
        metrics.asked(verb(request, path.size()), resource(path));
    }

    /// The path from the resource on: `pods`, name, subresource.
    private static List<String> belowNamespace(URI uri) {
        List<String> path = List.of(uri.getPath().split("/"));
        int namespaces = path.indexOf("namespaces");
        if (namespaces >= 0 && path.size() > namespaces + 2) {
            return path.subList(namespaces + 2, path.size());
        }
        return path.stream()
                .filter(RESOURCES::contains)
                .findFirst()
                .map(path::indexOf)
                .map(from -> path.subList(from, path.size()))
                .orElse(List.of());
    }

    private static String resource(List<String> path) {
        if (path.isEmpty() || !RESOURCES.contains(path.getFirst())) {
            return "other";
        }
        return path.size() > 2 && SUBRESOURCES.contains(path.get(2))
                ? path.getFirst() + "/" + path.get(2)
                : path.getFirst();
    }

    private static String verb(HttpRequest request, int depth) {
        return switch (request.method().toUpperCase(Locale.ROOT)) {
            case "GET" -> {
                if (WatchText.isWatch(request)) {
                    yield "watch";
                }
                yield depth == 1 ? "list" : "get";
            }
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "other";
        };
    }
}
