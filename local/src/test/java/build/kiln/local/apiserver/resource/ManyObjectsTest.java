package build.kiln.local.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.storage.Store;
import build.kiln.local.apiserver.storage.Watch;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import build.kiln.local.apiserver.type.ResourceTypes;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManyObjectsTest {

    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = new Store();
    private final Resources resources = new Resources(store, new ResourceTypes(), new SettableClock());
    private final ResourceType maps = resources.types().builtin(BuiltinTypes.CONFIG_MAPS);

    private final class SettableClock extends Clock {

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeEach
    void makeNamespace() {
        resources.create(
                resources.types().builtin(BuiltinTypes.NAMESPACES), "", named("default"), WriteOptions.DEFAULT);
    }

    private static ObjectNode named(String name) {
        ObjectNode object = Json.object();
        Metadata.of(object).put("name", name);
        return object;
    }

    @Test
    void manyWatchesSeeEveryOneOfThousandsOfChangesOnce() throws Exception {
        int objects = 3000;
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            watches.add(resources.watch(maps, store.version()));
        }
        for (int i = 0; i < objects; i++) {
            resources.create(maps, "default", named("map-" + i), WriteOptions.DEFAULT);
        }
        assertThat(resources.list(maps, "default").objects()).hasSize(objects);
        for (Watch watch : watches) {
            int seen = 0;
            for (var changes = watch.next(Duration.ZERO); !changes.isEmpty(); changes = watch.next(Duration.ZERO)) {
                seen += changes.size();
            }
            assertThat(seen).isEqualTo(objects);
        }
    }

    @Test
    void eventsGoAfterAnHour() {
        ResourceType events = resources.types().builtin(BuiltinTypes.EVENTS);
        resources.create(events, "default", named("old"), WriteOptions.DEFAULT);
        now = now.plus(Duration.ofMinutes(61));
        resources.create(events, "default", named("new"), WriteOptions.DEFAULT);
        try (EventExpiry expiry = new EventExpiry(resources)) {
            expiry.expire();
        }
        assertThat(resources.list(events, "").objects())
                .extracting(event -> event.key().name())
                .containsExactly("new");
    }
}
