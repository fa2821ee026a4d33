package build.kiln.builder.cache.pin;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What all live processes together use of the volume, as it was at one moment.
///
/// @param processes their names
/// @param entries that none of them may lose, as paths on the volume
/// @param reservedBytes that they are still going to write
public record LivePins(Set<String> processes, Set<String> entries, long reservedBytes) {

    /// Without a lock that can be seen, a process counts as live as long as it has written this recently.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Of one process: half a million entries.
    private static final int MOST_BYTES = 64 << 20;

    private static final Pattern RESERVATION = Pattern.compile("[0-9]{1,20}");

    public LivePins {
        processes = Set.copyOf(processes);
        entries = Set.copyOf(entries);
    }

    /// Reads the pins, and removes those of processes that are gone.
    ///
    /// @param home the directory of all pins
    /// @param now by the volume's clock
    public static LivePins read(Path home, FileTime now) throws IOException {
        return readOthers(home, now, "");
    }

    /// As [#read], without the process of this name.
    public static LivePins readOthers(Path home, FileTime now, String self) throws IOException {
        Set<String> processes = new HashSet<>();
        Set<String> entries = new HashSet<>();
        long reserved = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.equals(self)) {
                    continue;
                }
                if (name.startsWith(".")) {
                    continue; // The gate, pins that are not shown yet, and what NFS keeps of removed ones.
                }
                try {
                    if (!isLive(file, now)) {
                        Files.deleteIfExists(file);
                        continue;
                    }
                    List<String> lines = lines(BoundedFile.read(file, MOST_BYTES));
                    processes.add(name);
                    lines.stream().skip(1).forEach(entries::add);
                    reserved = saturated(reserved, bytes(lines));
                } catch (NoSuchFileException e) {
                    continue; // It has just ended.
                }
            }
        } catch (NoSuchFileException e) {
            return new LivePins(Set.of(), Set.of(), 0);
        }
        return new LivePins(processes, entries, reserved);
    }

    /// What was written; after it come the thousands of empty lines that keep room for more.
    private static List<String> lines(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\n\n");
        return (end < 0 ? text : text.substring(0, end)).lines().toList();
    }

    private static long bytes(List<String> lines) {
        if (lines.isEmpty() || !RESERVATION.matcher(lines.getFirst()).matches()) {
            return 0;
        }
        try {
            return Long.parseLong(lines.getFirst());
        } catch (NumberFormatException e) {
            return 0; // More than any volume has is no reservation.
        }
    }

    private static long saturated(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    private static boolean isLive(Path file, FileTime now) throws IOException {
        FileTime written = Files.getLastModifiedTime(file);
        // A time to come is that of a clock that was set back since.
        if (Duration.between(written.toInstant(), now.toInstant()).abs().compareTo(PATIENCE) < 0) {
            return true;
        }
        try (OpenFile open = OpenFile.readWrite(NativePath.of(file), 0600)) {
            return !open.tryLock(Lock.EXCLUSIVE);
        } catch (SystemCallFailure e) {
            return false; // No locks here, and it has not written for too long.
        }
    }
}
