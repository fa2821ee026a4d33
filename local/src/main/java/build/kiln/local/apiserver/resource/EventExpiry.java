package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes events that are older than an hour.
public final class EventExpiry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventExpiry.class);
    private static final Duration KEPT = Duration.ofHours(1);
    private static final Duration INTERVAL = Duration.ofMinutes(5);

    private final Resources resources;
    private final Thread thread;

    /// Starts at once.
    public EventExpiry(Resources resources) {
        this.resources = resources;
        this.thread = Thread.ofVirtual().name("event-expiry").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                expire();
            }
        } catch (InterruptedException e) {
            LOG.debug("Events no longer expire");
        }
    }

    void expire() {
        ResourceType events = resources.types().builtin(BuiltinTypes.EVENTS);
        Instant limit = resources.clock().instant().minus(KEPT);
        for (Stored event : resources.list(events, "").objects()) {
            if (Metadata.created(event.object()).orElse(limit).isBefore(limit)) {
                try {
                    resources.delete(
                            events, event.key().namespace(), event.key().name(), DeleteOptions.NOW);
                } catch (ApiFailure e) {
                    LOG.debug("Event {} is gone already", event.key());
                }
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
