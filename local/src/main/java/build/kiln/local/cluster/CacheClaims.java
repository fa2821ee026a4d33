package build.kiln.local.cluster;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Change;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.storage.Watch;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives each namespace the claim that holds the cache of its builds.
final class CacheClaims implements AutoCloseable {

    static final String NAME = "kiln-cache";

    private static final Logger LOG = LoggerFactory.getLogger(CacheClaims.class);

    private final Resources resources;
    private final Thread thread;

    CacheClaims(Resources resources) {
        this.resources = resources;
        this.thread = Thread.ofVirtual().name("cache-claims").start(this::run);
    }

    private void run() {
        ResourceType namespaces = resources.types().builtin(BuiltinTypes.NAMESPACES);
        try {
            while (true) {
                var state = resources.list(namespaces, "");
                for (Stored namespace : state.objects()) {
                    claim(namespace.object());
                }
                follow(resources.watch(namespaces, state.resourceVersion()));
            }
        } catch (InterruptedException e) {
            LOG.debug("No more claims are made");
        }
    }

    private void follow(Watch watch) throws InterruptedException {
        while (true) {
            try {
                for (Change change : watch.next(Duration.ofMinutes(1))) {
                    if (change.type() == Change.Type.ADDED) {
                        claim(change.object().object());
                    }
                }
            } catch (ApiFailure e) {
                LOG.debug("Looking at all namespaces again: {}", e.getMessage());
                return;
            }
        }
    }

    private void claim(ObjectNode namespace) {
        ObjectNode claim = (ObjectNode) Json.parseYaml("""
                metadata: {name: %s}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
                """.formatted(NAME).getBytes(StandardCharsets.UTF_8));
        try {
            resources.create(
                    resources.types().builtin(BuiltinTypes.CLAIMS),
                    Metadata.name(namespace),
                    claim,
                    WriteOptions.DEFAULT);
        } catch (ApiFailure e) {
            LOG.debug("No claim in namespace {}: {}", Metadata.name(namespace), e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
