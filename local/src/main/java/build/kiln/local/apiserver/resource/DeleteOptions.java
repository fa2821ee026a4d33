package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.resource.WriteOptions.Persistence;
import build.kiln.local.apiserver.status.ApiFailure;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalLong;

/// How an object is to be deleted.
///
/// @param graceSeconds empty for the kind's own
/// @param uid the object must have this one, unless it is empty
/// @param resourceVersion the object must have this one, unless it is empty
public record DeleteOptions(
        Propagation propagation,
        OptionalLong graceSeconds,
        String uid,
        String resourceVersion,
        Persistence persistence) {

    public static final DeleteOptions DEFAULT =
            new DeleteOptions(Propagation.BACKGROUND, OptionalLong.empty(), "", "", Persistence.STORE);

    /// At once, without waiting for whoever runs it.
    public static final DeleteOptions NOW =
            new DeleteOptions(Propagation.BACKGROUND, OptionalLong.of(0), "", "", Persistence.STORE);

    /// What becomes of the objects that this one owns.
    public enum Propagation {
        BACKGROUND,
        FOREGROUND,
        ORPHAN
    }

    /// @param body a DeleteOptions object, or nothing
    public static DeleteOptions parse(JsonNode body) {
        JsonNode grace = body.path("gracePeriodSeconds");
        JsonNode preconditions = body.path("preconditions");
        return new DeleteOptions(
                propagation(body.path("propagationPolicy").asText("Background")),
                grace.isIntegralNumber() ? OptionalLong.of(Math.max(0, grace.asLong())) : OptionalLong.empty(),
                preconditions.path("uid").asText(""),
                preconditions.path("resourceVersion").asText(""),
                body.path("dryRun").isEmpty() ? Persistence.STORE : Persistence.DRY_RUN);
    }

    public static Propagation propagation(String word) {
        return switch (word) {
            case "Background" -> Propagation.BACKGROUND;
            case "Foreground" -> Propagation.FOREGROUND;
            case "Orphan" -> Propagation.ORPHAN;
            default ->
                throw ApiFailure.badRequest(
                        "propagationPolicy is \"" + word + "\"; there are Background, Foreground and Orphan");
        };
    }
}
