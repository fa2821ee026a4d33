package build.kiln.operator.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an API server's RBAC makes of a request.
final class Permissions {

    private static final Pattern PATH = Pattern.compile(
            "/(?:api|apis/(?<group>[^/]+))/[^/]+(?:/namespaces/[^/]+)?/(?<resource>[^/?]+)(?:/(?<name>[^/?]+))?(?:/(?<sub>[^/?]+))?(?<query>\\?.*)?");

    private Permissions() {}

    /// The request as RBAC sees it: `create pods`, `update imagebuilds.kiln.build/status`.
    static String of(String method, String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return method + " " + path;
        }
        boolean isNamed = matcher.group("name") != null;
        String query = matcher.group("query") == null ? "" : matcher.group("query");
        String verb = switch (method) {
            case "GET" -> isNamed ? "get" : query.contains("watch=true") ? "watch" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> isNamed ? "delete" : "deletecollection";
            default -> method;
        };
        String group = matcher.group("group") == null ? "" : "." + matcher.group("group");
        String sub = matcher.group("sub") == null ? "" : "/" + matcher.group("sub");
        return verb + " " + matcher.group("resource") + group + sub;
    }

    static boolean allows(JsonNode clusterRole, String request) {
        for (JsonNode rule : clusterRole.path("rules")) {
            String group = rule.path("apiGroups").path(0).asText();
            for (JsonNode resource : rule.path("resources")) {
                String[] parts = resource.asText().split("/", 2);
                String name =
                        parts[0] + (group.isEmpty() ? "" : "." + group) + (parts.length > 1 ? "/" + parts[1] : "");
                for (JsonNode verb : rule.path("verbs")) {
                    if (request.equals(verb.asText() + " " + name)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
