package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.status.Cause;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What is special about one built-in kind.
interface KindRules {

    /// Fills in what a new object gets from the server.
    default void onCreate(ObjectNode object, Instant now) {}

    /// Fills in what a changed object gets from the server.
    default void onUpdate(ObjectNode object) {}

    default List<Cause> check(ObjectNode object) {
        return List.of();
    }

    default List<Cause> checkChange(ObjectNode old, ObjectNode object) {
        return List.of();
    }

    /// How long a deleted object stays, for somebody to end what it stands for.
    default Duration gracePeriod(ObjectNode object) {
        return Duration.ZERO;
    }

    static KindRules of(ResourceType type) {
        if (type.stored().equals(BuiltinTypes.PODS)) {
            return new PodRules();
        }
        if (type.stored().equals(BuiltinTypes.SECRETS)) {
            return new SecretRules();
        }
        if (type.stored().equals(BuiltinTypes.NAMESPACES)) {
            return new NamespaceRules();
        }
        if (type.stored().equals(BuiltinTypes.CLAIMS)) {
            return new ClaimRules();
        }
        if (type.stored().equals(BuiltinTypes.DEFINITIONS)) {
            return new DefinitionRules();
        }
        return new KindRules() {};
    }
}
