package build.kiln.builder.cache.collect;

import java.nio.file.attribute.FileTime;

/// One thing on the volume that can be taken away as a whole.
///
/// @param name its path on the volume: `blobs/sha256/…`
/// @param sizeBytes that it takes
/// @param lastUse by the volume's clock; exact to an hour
public record Entry(Kind kind, String name, long sizeBytes, FileTime lastUse) {

    /// What kind of thing, and the directory that it lies in.
    public enum Kind {
        LAYER("layers/sha256", "layers"),
        BLOB("blobs/sha256", "blobs"),
        MOUNT("mounts", "cache mounts"),
        STEP("steps", "step records"),
        LAST_BUILD("last", "last builds");

        private final String room;
        private final String words;

        Kind(String room, String words) {
            this.room = room;
            this.words = words;
        }

        public String room() {
            return room;
        }

        /// As people are told.
        public String words() {
            return words;
        }

        /// Whether it can be missed by a build that lasts, and its size is worth freeing.
        boolean isContent() {
            return this == LAYER || this == BLOB || this == MOUNT;
        }
    }
}
