package build.kiln.builder.layer;

import java.time.Instant;

/// Which times of change a layer's tar gets.
public sealed interface Timestamps {

    Instant of(Instant mtime);

    /// The same attributes with the time that they get.
    default Attributes of(Attributes attributes) {
        Instant time = of(attributes.mtime());
        return time.equals(attributes.mtime()) ? attributes : attributes.withMtime(time);
    }

    /// The same entry with the time that it gets.
    default LayerEntry.Plain of(LayerEntry.Plain entry) {
        return switch (entry) {
            case LayerEntry.Directory e -> new LayerEntry.Directory(e.path(), of(e.attributes()));
            case LayerEntry.Symlink e -> new LayerEntry.Symlink(e.path(), of(e.attributes()), e.target());
            case LayerEntry.HardLink e -> new LayerEntry.HardLink(e.path(), of(e.attributes()), e.target());
            case LayerEntry.Device e -> new LayerEntry.Device(e.path(), of(e.attributes()), e.kind(), e.number());
            case LayerEntry.Fifo e -> new LayerEntry.Fifo(e.path(), of(e.attributes()));
            case LayerEntry.Whiteout e -> e;
            case LayerEntry.Opaque e -> e;
        };
    }

    /// Times newer than `epoch` become it, and fractions of a second go: two builds of the same inputs write
    /// the same.
    record ClampedTo(Instant epoch) implements Timestamps {

        public ClampedTo {
            epoch = Instant.ofEpochSecond(epoch.getEpochSecond());
        }

        @Override
        public Instant of(Instant mtime) {
            return mtime.isAfter(epoch) ? epoch : Instant.ofEpochSecond(mtime.getEpochSecond());
        }
    }

    /// As they are, to the nanosecond.
    record Exact() implements Timestamps {

        @Override
        public Instant of(Instant mtime) {
            return mtime;
        }
    }
}
