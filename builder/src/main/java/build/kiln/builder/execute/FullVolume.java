package build.kiln.builder.execute;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Tells whether something went wrong because the file system that the build works on has no room left.
public final class FullVolume {

    private static final long NEXT_TO_NOTHING = 1 << 20;
    private static final List<String> WORDS = List.of("no space left on device", "disk quota exceeded");

    private FullVolume() {}

    /// Whether a volume was full, and not only unwritable.
    public static boolean isReasonOf(PlatformFailure failure) {
        if (failure.reason() != Reason.DiskFull) {
            return false;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (says(cause.getMessage())) {
                return true;
            }
        }
        return false;
    }

    /// Whether a RUN that failed has failed for want of room: there is none, or hardly any and the RUN says so.
    ///
    /// @param output the last lines that it printed
    static boolean hasStopped(Path workspace, List<String> output) {
        try {
            FileSystemStatus status = FileSystemStatus.of(NativePath.of(workspace));
            return status.availableBytes() < NEXT_TO_NOTHING
                    || status.availableBytes() < status.totalBytes() / 10
                            && output.stream().anyMatch(FullVolume::says);
        } catch (SystemCallFailure e) {
            return false;
        }
    }

    private static boolean says(@Nullable String text) {
        return text != null && WORDS.stream().anyMatch(text.toLowerCase(Locale.ROOT)::contains);
    }
}
