package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;

/// A name in a directory.
///
/// @param name one path component, never `.` or `..`; not to be changed
/// @param type as the directory tells it; UNKNOWN on file systems that do not
@SuppressWarnings("ArrayRecordComponent") // A listing of 100,000 names; nobody compares entries.
public record DirectoryEntry(byte[] name, FileType type, long inode) {

    @Override
    public String toString() {
        return new String(name, StandardCharsets.UTF_8);
    }
}
