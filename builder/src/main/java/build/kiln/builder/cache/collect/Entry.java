package build.kiln.builder.cache.collect;

import java.nio.file.attribute.FileTime;

/// One thing on the volume that takes room.
///
/// @param name its path on the volume: `blobs/sha256/…`
/// @param sizeBytes that it takes
/// @param lastUse by the volume's clock; exact to an hour
public record Entry(Kind kind, String name, long sizeBytes, FileTime lastUse) {

    /// What kind of thing, and the directory that it lies in, or the one file that it is.
    public enum Kind {
        LAYER("layers/sha256", "layers"),
        BLOB("blobs/sha256", "blobs"),
        MOUNT("mounts", "cache mounts"),
        STEP("steps", "step records"),
        FAILURE("failed", "failures of steps"),
        LAST_BUILD("last", "last builds"),
        URL("urls", "URLs"),
        /// One file, of 14 MB at the most.
        CONTENTS("contents", "file digests");

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
        public boolean isContent() {
            return this == LAYER || this == BLOB || this == MOUNT;
        }
    }
}
