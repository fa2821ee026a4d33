package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.patch.Patch;
import build.kiln.local.apiserver.resource.DeleteOptions;
import build.kiln.local.apiserver.resource.Part;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.Reviews;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.resource.Written;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Snapshot;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The verbs on objects and collections.
final class ObjectRequests {

    private final Resources resources;

    ObjectRequests(Resources resources) {
        this.resources = resources;
    }

    /// @param namespace empty for the whole cluster
    void onCollection(Request request, ResourceType type, String namespace) throws IOException, InterruptedException {
        switch (request.method()) {
            case "GET" -> {
                Selection selection = Selection.of(request, type, namespace);
                Representation representation = Representation.of(request);
                if (request.asksFor("watch")) {
                    new WatchStream(resources, type, selection, representation, request).send();
                } else {
                    list(request, type, selection, representation);
                }
            }
            case "POST" -> create(request, type, namespace);
            case "DELETE" -> deleteCollection(request, type, Selection.of(request, type, namespace));
            default -> throw ApiFailure.methodNotAllowed();
        }
    }

    void onObject(Request request, ResourceType type, String namespace, String name, Part part) throws IOException {
        Representation representation = Representation.of(request);
        switch (request.method()) {
            case "GET" -> {
                Stored stored = resources.get(type, namespace, name);
                Reply.bytes(request.exchange(), 200, "application/json", representation.one(resources, type, stored));
            }
            case "PUT" -> {
                ObjectNode body = object(request);
                Written written = resources.update(type, namespace, name, part, body, request.writeOptions());
                Reply.written(request.exchange(), written, representation.one(resources, type, written.object()));
            }
            case "PATCH" -> {
                Patch patch = Patch.parse(request.mediaType(), request.body());
                Written written = resources.patch(type, namespace, name, part, patch, request.writeOptions());
                Reply.written(request.exchange(), written, representation.one(resources, type, written.object()));
            }
            case "DELETE" -> delete(request, type, namespace, name);
            default -> throw ApiFailure.methodNotAllowed();
        }
    }

    private void list(Request request, ResourceType type, Selection selection, Representation representation)
            throws IOException {
        Snapshot snapshot = resources.list(type, selection.namespace());
        Optional<Page> start = Page.parse(request.parameter("continue"));
        long version = start.map(Page::resourceVersion).orElse(snapshot.resourceVersion());
        List<Stored> wanted = new ArrayList<>(snapshot.objects().stream()
                .filter(stored -> start.isEmpty() || start.get().isBefore(stored))
                .filter(selection::matches)
                .toList());
        ObjectNode metadata = Json.object().put("resourceVersion", Long.toString(version));
        int limit = (int) request.number("limit", 0);
        if (limit > 0 && wanted.size() > limit) {
            Stored last = wanted.get(limit - 1);
            metadata.put(
                    "continue",
                    new Page(version, last.key().namespace(), last.key().name()).token());
            metadata.put("remainingItemCount", wanted.size() - limit);
            wanted = wanted.subList(0, limit);
        }
        byte[] body = representation.list(resources, type, wanted, metadata);
        Reply.bytes(request.exchange(), 200, "application/json", body);
    }

    /// How far a list in pages has come: all pages carry the first one's version, so that a watch from there sees
    /// again whatever changed in between.
    private record Page(long resourceVersion, String namespace, String name) {

        static Optional<Page> parse(String token) {
            if (token.isEmpty()) {
                return Optional.empty();
            }
            try {
                String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
                String[] parts = text.split("/", 3);
                return Optional.of(new Page(Long.parseLong(parts[0]), parts[1], parts[2]));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw ApiFailure.badRequest("the continue token is none of this server's");
            }
        }

        String token() {
            String text = resourceVersion + "/" + namespace + "/" + name;
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        boolean isBefore(Stored stored) {
            int order = namespace.compareTo(stored.key().namespace());
            return order < 0 || (order == 0 && name.compareTo(stored.key().name()) < 0);
        }
    }

    private void create(Request request, ResourceType type, String namespace) throws IOException {
        ObjectNode body = object(request);
        if (Reviews.isReview(type)) {
            Reply.json(request.exchange(), 201, Reviews.answer(type, body));
            return;
        }
        if (type.isNamespaced() && namespace.isEmpty()) {
            throw ApiFailure.methodNotAllowed();
        }
        Written written = resources.create(type, namespace, body, request.writeOptions());
        Reply.written(request.exchange(), written, Representation.of(request).one(resources, type, written.object()));
    }

    private void delete(Request request, ResourceType type, String namespace, String name) throws IOException {
        DeleteOptions options = deleteOptions(request);
        String uid = Metadata.uid(resources.get(type, namespace, name).object());
        Optional<ObjectNode> stays = resources.delete(type, namespace, name, options);
        if (stays.isPresent()) {
            Reply.json(request.exchange(), 200, stays.get());
            return;
        }
        ObjectNode status = success();
        status.putObject("details")
                .put("name", name)
                .put("group", type.resource().group())
                .put("kind", type.resource().plural())
                .put("uid", uid);
        Reply.json(request.exchange(), 200, status);
    }

    private void deleteCollection(Request request, ResourceType type, Selection selection) throws IOException {
        DeleteOptions options = deleteOptions(request);
        for (Stored stored : resources.list(type, selection.namespace()).objects()) {
            if (selection.matches(stored)) {
                try {
                    resources.delete(
                            type, stored.key().namespace(), stored.key().name(), options);
                } catch (ApiFailure e) {
                    if (e.code() != 404) {
                        throw e;
                    }
                }
            }
        }
        Reply.json(request.exchange(), 200, success());
    }

    void evict(Request request, String namespace, String name) throws IOException {
        DeleteOptions options = DeleteOptions.parse(object(request).path("deleteOptions"));
        resources.evict(namespace, name, options);
        Reply.json(request.exchange(), 201, success());
    }

    void bind(Request request, String namespace, String name) throws IOException {
        String node = object(request).path("target").path("name").asText("");
        if (node.isEmpty()) {
            throw ApiFailure.badRequest("the binding of pod " + name + " names no node in target.name");
        }
        resources.bind(namespace, name, node);
        Reply.json(request.exchange(), 201, success());
    }

    private static ObjectNode success() {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", "Success");
    }

    private static DeleteOptions deleteOptions(Request request) throws IOException {
        byte[] body = request.body();
        DeleteOptions options = DeleteOptions.parse(body.length == 0 ? Json.object() : tree(request, body));
        WriteOptions.Persistence persistence = request.parameter("dryRun").isEmpty()
                ? options.persistence()
                : request.writeOptions().persistence();
        long grace = request.number("gracePeriodSeconds", -1);
        String propagation = request.parameter("propagationPolicy");
        return new DeleteOptions(
                propagation.isEmpty() ? options.propagation() : DeleteOptions.propagation(propagation),
                grace < 0 ? options.graceSeconds() : OptionalLong.of(grace),
                options.uid(),
                options.resourceVersion(),
                persistence);
    }

    private static ObjectNode object(Request request) throws IOException {
        if (tree(request, request.body()) instanceof ObjectNode object) {
            return object;
        }
        throw ApiFailure.badRequest("the body is not an object");
    }

    private static JsonNode tree(Request request, byte[] body) {
        try {
            return switch (request.mediaType()) {
                case "", "application/json" -> Json.parse(body);
                case "application/yaml", "text/yaml" -> Json.parseYaml(body);
                case ProtobufBody.MEDIA_TYPE -> ProtobufBody.decode(body);
                default ->
                    throw ApiFailure.unsupportedMediaType(
                            request.mediaType(),
                            List.of("application/json", "application/yaml", ProtobufBody.MEDIA_TYPE));
            };
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest("the body is " + e.getMessage());
        }
    }
}
