package build.kiln.builder.cache.collect;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.VolumeTime;
import build.kiln.builder.cache.pin.LivePins;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one build does for the volume: room before it starts, and order after it. It never fails a build.
public final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration BEFORE = Duration.ofSeconds(60);
    private static final Duration AFTER = Duration.ofSeconds(20);

    private final Cache cache;
    private final Limits limits;
    private final Collector collector;

    public Housekeeping(Cache cache, Limits limits) {
        this.cache = cache;
        this.limits = limits;
        this.collector = new Collector(cache);
    }

    /// Reserves room for this build, and makes it if there is too little.
    public void reserve() {
        try {
            cache.pins().ifPresent(mine -> mine.reserve(limits.reservationBytes()));
            long reserved = reservedBytes();
            if (collector.freeBytes() < limits.minFreeBytes() + reserved
                    || cache.counted().known() + reserved > limits.maxBytes()) {
                report(collector.collect(collector.within(limits), BEFORE));
            }
        } catch (IOException e) {
            LOG.warn("No room could be made on the cache volume: {}", e.toString());
        }
    }

    /// Makes room on a volume that turned out to be full: what has to stay free, and as much as a build is given
    /// at the start, if there is as much.
    ///
    /// @return whether anything was freed
    public boolean makeRoom() {
        try {
            long wanted = limits.minFreeBytes() + limits.reservationBytes();
            Collector.Collected collected = collector.collect(
                    (all, live) -> Victims.freeing(wanted - collector.freeBytes(), all, live.entries()), BEFORE);
            report(collected);
            return collected.removedBytes() > 0;
        } catch (IOException e) {
            LOG.warn("No room could be made on the cache volume: {}", e.toString());
            return false;
        }
    }

    /// Collects what is too much by now. A build that added nothing does nothing.
    public void tidy() {
        long written = cache.pins().map(mine -> mine.written()).orElse(0L);
        if (written == 0) {
            return;
        }
        try {
            cache.pins().ifPresent(mine -> mine.reserve(0));
            long usage = cache.counted().known();
            if (usage < 0
                    || usage > limits.maxBytes()
                    || collector.freeBytes() < limits.minFreeBytes() + reservedBytes()) {
                report(collector.collect(collector.within(limits), AFTER));
            }
        } catch (IOException e) {
            LOG.warn("The cache volume could not be tidied: {}", e.toString());
        }
    }

    private long reservedBytes() throws IOException {
        return LivePins.read(cache.root().resolve("pins"), VolumeTime.now(cache.workspace()))
                .reservedBytes();
    }

    private static void report(Collector.Collected collected) {
        if (!collected.removed().isEmpty()) {
            LOG.info(
                    "Collected {} entries of {} bytes from the cache.",
                    collected.removed().size(),
                    collected.removedBytes());
        }
    }
}
