package build.kiln.builder.layer;

import java.time.Instant;

/// Which times of change a layer's tar gets.
public sealed interface Timestamps {

    Instant of(Instant mtime);

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
