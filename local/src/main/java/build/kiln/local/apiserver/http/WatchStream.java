package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Change;
import build.kiln.local.apiserver.storage.Snapshot;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.storage.Watch;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Sends changes as lines of JSON until the client has had enough.
final class WatchStream {

    /// A sign of life on a quiet watch, on whose failure the server learns that the client is gone.
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);

    private static final long DEFAULT_SECONDS = 3600;

    private final Resources resources;
    private final ResourceType type;
    private final Selection selection;
    private final Representation representation;
    private final Request request;

    WatchStream(
            Resources resources,
            ResourceType type,
            Selection selection,
            Representation representation,
            Request request) {
        this.resources = resources;
        this.type = type;
        this.selection = selection;
        this.representation = representation;
        this.request = request;
    }

    void send() throws IOException, InterruptedException {
        long from = request.number("resourceVersion", 0);
        long seconds = Math.min(request.number("timeoutSeconds", DEFAULT_SECONDS), DEFAULT_SECONDS);
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        try (OutputStream out =
                new BufferedOutputStream(Reply.stream(request.exchange(), "application/json"), 1 << 16)) {
            try {
                long position = from;
                if (from == 0 || request.asksFor("sendInitialEvents")) {
                    position = sendState(out);
                }
                follow(out, resources.watch(type, position), end);
            } catch (ApiFailure e) {
                line(out, "ERROR", Json.bytes(e.status()));
            }
        }
    }

    private long sendState(OutputStream out) throws IOException {
        Snapshot state = resources.list(type, selection.namespace());
        for (Stored stored : state.objects()) {
            if (selection.matches(stored)) {
                line(out, "ADDED", representation.one(resources, type, stored));
            }
        }
        if (request.asksFor("sendInitialEvents")) {
            bookmark(out, state.resourceVersion(), "k8s.io/initial-events-end");
        }
        out.flush();
        return state.resourceVersion();
    }

    private void follow(OutputStream out, Watch watch, long end) throws IOException, InterruptedException {
        while (true) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return;
            }
            List<Change> changes = watch.next(Duration.ofNanos(Math.min(left, HEARTBEAT.toNanos())));
            for (Change change : changes) {
                send(out, change);
            }
            if (changes.isEmpty()) {
                if (request.asksFor("allowWatchBookmarks")) {
                    bookmark(out, watch.position(), "");
                } else {
                    out.write('\n');
                }
            }
            out.flush();
        }
    }

    /// What a change looks like to somebody who sees only a part of the objects.
    private void send(OutputStream out, Change change) throws IOException {
        boolean before = selection.matches(change.before());
        boolean now = change.type() != Change.Type.DELETED && selection.matches(change.object());
        if (before || now) {
            String word = now ? (before ? "MODIFIED" : "ADDED") : "DELETED";
            line(out, word, representation.one(resources, type, change.object()));
        }
    }

    private void bookmark(OutputStream out, long version, String annotation) throws IOException {
        ObjectNode object = Json.object().put("kind", type.kind()).put("apiVersion", type.apiVersion());
        if (representation instanceof Representation.AsTable) {
            object.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
            object.putArray("columnDefinitions");
            object.putArray("rows");
        }
        ObjectNode metadata = object.putObject("metadata").put("resourceVersion", Long.toString(version));
        metadata.putNull("creationTimestamp");
        if (!annotation.isEmpty()) {
            metadata.putObject("annotations").put(annotation, "true");
        }
        line(out, "BOOKMARK", Json.bytes(object));
    }

    private static void line(OutputStream out, String word, byte[] object) throws IOException {
        out.write(("{\"type\":\"" + word + "\",\"object\":").getBytes(StandardCharsets.US_ASCII));
        out.write(object);
        out.write('}');
        out.write('\n');
    }
}
