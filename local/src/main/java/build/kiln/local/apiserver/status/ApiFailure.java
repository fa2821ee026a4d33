package build.kiln.local.apiserver.status;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.object.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/// A request is answered with a Status other than Success.
public final class ApiFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int code;
    private final String reason;
    private final transient ObjectNode details;

    private ApiFailure(int code, String reason, String message, ObjectNode details) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    public static ApiFailure notFound(GroupResource resource, String name) {
        return about(404, "NotFound", resource + " \"" + name + "\" not found", resource, name);
    }

    /// The path leads to nothing that this server has.
    public static ApiFailure unknownPath() {
        return of(404, "NotFound", "the server could not find the requested resource");
    }

    public static ApiFailure alreadyExists(GroupResource resource, String name) {
        return about(409, "AlreadyExists", resource + " \"" + name + "\" already exists", resource, name);
    }

    public static ApiFailure conflict(GroupResource resource, String name, String why) {
        String message = "Operation cannot be fulfilled on " + resource + " \"" + name + "\": " + why;
        return about(409, "Conflict", message, resource, name);
    }

    /// The object was changed since the version that the request carries.
    public static ApiFailure modified(GroupResource resource, String name) {
        return conflict(
                resource,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    public static ApiFailure invalid(String group, String kind, String name, List<Cause> causes) {
        String what = group.isEmpty() ? kind : kind + "." + group;
        String list = causes.stream().map(Cause::toString).collect(Collectors.joining(", "));
        ObjectNode details = Json.object().put("name", name).put("group", group).put("kind", kind);
        ArrayNode array = details.putArray("causes");
        causes.forEach(cause -> array.addObject()
                .put("reason", cause.reason())
                .put("message", cause.message())
                .put("field", cause.field()));
        String message = what + " \"" + name + "\" is invalid: " + (causes.size() == 1 ? list : "[" + list + "]");
        return new ApiFailure(422, "Invalid", message, details);
    }

    /// The patch itself is well formed and cannot be applied to this object.
    public static ApiFailure unprocessable(String message) {
        return of(422, "Invalid", message);
    }

    public static ApiFailure badRequest(String message) {
        return of(400, "BadRequest", message);
    }

    public static ApiFailure forbidden(GroupResource resource, String name, String why) {
        return about(403, "Forbidden", resource + " \"" + name + "\" is forbidden: " + why, resource, name);
    }

    public static ApiFailure methodNotAllowed() {
        return of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }

    public static ApiFailure unsupportedMediaType(String seen, List<String> valid) {
        String message = "the body of the request was in an unknown format (" + seen
                + ") - accepted media types include: " + String.join(", ", valid);
        return of(415, "UnsupportedMediaType", message);
    }

    /// The watch asks for changes that the log no longer has.
    public static ApiFailure expired(long wanted, long oldest) {
        return of(410, "Expired", "too old resource version: " + wanted + " (" + oldest + ")");
    }

    public static ApiFailure internal(String message) {
        return of(500, "InternalError", "Internal error occurred: " + message);
    }

    private static ApiFailure of(int code, String reason, String message) {
        return new ApiFailure(code, reason, message, Json.object());
    }

    private static ApiFailure about(int code, String reason, String message, GroupResource resource, String name) {
        ObjectNode details = Json.object().put("name", name);
        if (!resource.group().isEmpty()) {
            details.put("group", resource.group());
        }
        return new ApiFailure(code, reason, message, details.put("kind", resource.plural()));
    }

    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    /// The Status object that a client gets.
    public ObjectNode status() {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure").put("message", getMessage()).put("reason", reason);
        if (!details.isEmpty()) {
            status.set("details", details);
        }
        return status.put("code", code);
    }
}
