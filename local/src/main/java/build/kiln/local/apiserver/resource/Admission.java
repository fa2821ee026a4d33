package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.WriteOptions.UnknownFields;
import build.kiln.local.apiserver.schema.StructuralSchema;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.status.Cause;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/// Turns what a client sends into what may be stored, or refuses it.
final class Admission {

    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    /// What the server alone decides about an object that exists.
    private static final List<String> SETTLED = List.of(
            "name",
            "namespace",
            "generateName",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "resourceVersion");

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    Admission(Clock clock) {
        this.clock = clock;
    }

    /// Completes a new object in place.
    ///
    /// @return warnings
    List<String> admitNew(ResourceType type, String namespace, ObjectNode object, WriteOptions options) {
        checkKind(type, object);
        ObjectNode metadata = Metadata.of(object);
        if (!Metadata.resourceVersion(object).isEmpty()) {
            throw ApiFailure.badRequest("resourceVersion should not be set on objects to be created");
        }
        settleName(type, namespace, object);
        metadata.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"));
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", Metadata.timestamp(clock.instant()));
        if (type.hasStatusSubresource()) {
            object.remove("status");
        }
        if (hasGeneration(type)) {
            metadata.put("generation", 1);
        }
        List<String> warnings = fitSchema(type, object, options);
        KindRules rules = KindRules.of(type);
        rules.onCreate(object, clock.instant());
        refuseIfAny(type, object, rules.check(object));
        return warnings;
    }

    /// What becomes of the stored object if `wanted` is written over it.
    Admitted admitChange(ResourceType type, Part part, ObjectNode old, ObjectNode wanted, WriteOptions options) {
        checkKind(type, wanted);
        checkIdentity(type, old, wanted);
        ObjectNode object = switch (part) {
            case OBJECT -> withoutStatusChange(type, old, wanted);
            case STATUS -> withStatusChange(old, wanted);
        };
        settle(old, object);
        List<String> warnings = fitSchema(type, object, options);
        KindRules rules = KindRules.of(type);
        rules.onUpdate(object);
        List<Cause> causes = new ArrayList<>(rules.check(object));
        if (part == Part.OBJECT) {
            causes.addAll(rules.checkChange(old, object));
            checkFinalizers(old, object, causes);
        }
        refuseIfAny(type, object, causes);
        if (hasGeneration(type) && !Json.same(desired(type, old), desired(type, object))) {
            Metadata.of(object)
                    .put("generation", old.path("metadata").path("generation").asLong(1) + 1);
        }
        return new Admitted(object, warnings);
    }

    record Admitted(ObjectNode object, List<String> warnings) {}

    private static void checkKind(ResourceType type, ObjectNode object) {
        Json.putIfMissing(object, "apiVersion", type.apiVersion());
        Json.putIfMissing(object, "kind", type.kind());
        String apiVersion = object.get("apiVersion").asText();
        String kind = object.get("kind").asText();
        if (!kind.equals(type.kind()) || !apiVersion.equals(type.apiVersion())) {
            throw ApiFailure.badRequest("the object is a " + kind + " of " + apiVersion + ", and this path takes a "
                    + type.kind() + " of " + type.apiVersion());
        }
    }

    private void settleName(ResourceType type, String namespace, ObjectNode object) {
        ObjectNode metadata = Metadata.of(object);
        String prefix = metadata.path("generateName").asText("");
        if (Metadata.name(object).isEmpty() && !prefix.isEmpty()) {
            metadata.put("name", prefix + suffix());
        }
        String name = Metadata.name(object);
        if (name.isEmpty()) {
            refuseIfAny(type, object, List.of(Cause.required("metadata.name", "name or generateName is required")));
        }
        if (name.length() > 253 || !NAME.matcher(name).matches()) {
            refuseIfAny(
                    type,
                    object,
                    List.of(Cause.invalid(
                            "metadata.name",
                            metadata.path("name"),
                            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
                                    + " and must start and end with an alphanumeric character")));
        }
        if (!type.isNamespaced()) {
            metadata.remove("namespace");
            return;
        }
        Json.putIfMissing(metadata, "namespace", namespace);
        if (!Metadata.namespace(object).equals(namespace)) {
            throw ApiFailure.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private String suffix() {
        StringBuilder suffix = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            suffix.append(SUFFIX_LETTERS.charAt(random.nextInt(SUFFIX_LETTERS.length())));
        }
        return suffix.toString();
    }

    private static void checkIdentity(ResourceType type, ObjectNode old, ObjectNode wanted) {
        String name = Metadata.name(old);
        String uid = Metadata.uid(wanted);
        if (!uid.isEmpty() && !uid.equals(Metadata.uid(old))) {
            throw ApiFailure.conflict(
                    type.resource(),
                    name,
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + Metadata.uid(old));
        }
        String version = Metadata.resourceVersion(wanted);
        if (!version.isEmpty() && !version.equals(Metadata.resourceVersion(old))) {
            throw ApiFailure.modified(type.resource(), name);
        }
        if (wanted.path("metadata").hasNonNull("name") && !Metadata.name(wanted).equals(name)) {
            throw ApiFailure.badRequest("the name of the object (" + Metadata.name(wanted)
                    + ") does not match the name on the URL (" + name + ")");
        }
    }

    private static ObjectNode withoutStatusChange(ResourceType type, ObjectNode old, ObjectNode wanted) {
        ObjectNode object = wanted.deepCopy();
        if (type.hasStatusSubresource()) {
            copyOrRemove(old, object, "status");
        }
        return object;
    }

    private static ObjectNode withStatusChange(ObjectNode old, ObjectNode wanted) {
        ObjectNode object = old.deepCopy();
        copyOrRemove(wanted, object, "status");
        ObjectNode metadata = Metadata.of(object);
        if (wanted.path("metadata").has("managedFields")) {
            metadata.set("managedFields", wanted.path("metadata").get("managedFields"));
        }
        return object;
    }

    private static void settle(ObjectNode old, ObjectNode object) {
        ObjectNode metadata = Metadata.of(object);
        SETTLED.forEach(field -> copyOrRemove(Metadata.of(old), metadata, field));
        if (!metadata.has("managedFields")) {
            copyOrRemove(Metadata.of(old), metadata, "managedFields");
        }
        for (String list : List.of("finalizers", "ownerReferences", "labels", "annotations")) {
            if (metadata.path(list).isEmpty()) {
                metadata.remove(list);
            }
        }
    }

    private static void copyOrRemove(ObjectNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value == null) {
            to.remove(field);
        } else {
            to.set(field, value.deepCopy());
        }
    }

    private static void checkFinalizers(ObjectNode old, ObjectNode object, List<Cause> causes) {
        if (!Metadata.isBeingDeleted(old)) {
            return;
        }
        List<String> added = new ArrayList<>(Metadata.finalizers(object));
        added.removeAll(Metadata.finalizers(old));
        if (!added.isEmpty()) {
            causes.add(Cause.forbidden(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, found new finalizers " + added));
        }
    }

    private static List<String> fitSchema(ResourceType type, ObjectNode object, WriteOptions options) {
        StructuralSchema schema = type.schema();
        if (schema == null) {
            return List.of();
        }
        List<String> unknown = schema.prune(object).stream()
                .map(field -> "unknown field \"" + field + "\"")
                .toList();
        if (!unknown.isEmpty() && options.unknownFields() == UnknownFields.REFUSE) {
            throw ApiFailure.badRequest(type.kind() + " in version \"" + type.version() + "\" cannot be handled as a "
                    + type.kind() + ": strict decoding error: " + String.join(", ", unknown));
        }
        schema.applyDefaults(object);
        refuseIfAny(type, object, schema.validate(object));
        return options.unknownFields() == UnknownFields.WARN ? unknown : List.of();
    }

    private static void refuseIfAny(ResourceType type, ObjectNode object, List<Cause> causes) {
        if (!causes.isEmpty()) {
            throw ApiFailure.invalid(type.resource().group(), type.kind(), Metadata.name(object), causes);
        }
    }

    private static boolean hasGeneration(ResourceType type) {
        return type.schema() != null || type.resource().equals(BuiltinTypes.DEFINITIONS);
    }

    /// What the user asks for: everything but the metadata, and the status if that is written apart.
    private static ObjectNode desired(ResourceType type, ObjectNode object) {
        ObjectNode desired = object.deepCopy();
        desired.remove("metadata");
        if (type.hasStatusSubresource()) {
            desired.remove("status");
        }
        return desired;
    }
}
