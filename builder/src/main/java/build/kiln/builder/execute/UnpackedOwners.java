package build.kiln.builder.execute;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.linux.Processes;
import build.kiln.builder.source.BuildContext;
import java.util.List;
import java.util.function.Supplier;

/// Whose files a COPY from a stage or an image reads. What root unpacks has its owners on the disk. What an
/// ordinary user unpacks is all that user's: where every file is root's that does no harm, elsewhere the copy
/// would be a wrong one.
final class UnpackedOwners {

    private UnpackedOwners() {}

    /// @param layers asked only where it matters
    /// @param name of what is read, for messages
    /// @throws PlatformFailure `IsolationUnavailable` if this user cannot have the files as they are
    static BuildContext.Owners of(Supplier<List<LayerIndex>> layers, String name) {
        long uid = Processes.effectiveUid();
        if (uid == 0) {
            return BuildContext.Owners.KEPT;
        }
        for (LayerIndex layer : layers.get()) {
            for (LayerEntry entry : layer.entries()) {
                String what = beyond(entry);
                if (!what.isEmpty()) {
                    throw new PlatformFailure(
                            Reason.IsolationUnavailable,
                            "",
                            "The files of " + name + " cannot be read as they are: " + entry.path() + " " + what
                                    + ", and the builder, which is user " + uid + ", cannot make such a file.",
                            "Let the builder be root of its pod, or copy what belongs to root only.");
                }
            }
        }
        return BuildContext.Owners.IGNORED;
    }

    private static String beyond(LayerEntry entry) {
        return switch (entry) {
            case LayerEntry.File file -> beyond(file.attributes());
            case LayerEntry.Directory directory -> beyond(directory.attributes());
            case LayerEntry.Symlink link -> beyond(link.attributes());
            case LayerEntry.HardLink link -> beyond(link.attributes());
            case LayerEntry.Fifo fifo -> beyond(fifo.attributes());
            case LayerEntry.Device _ -> "is a device";
            case LayerEntry.Whiteout _, LayerEntry.Opaque _ -> "";
        };
    }

    private static String beyond(Attributes attributes) {
        if (attributes.uid() != 0 || attributes.gid() != 0) {
            return "belongs to " + attributes.uid() + ":" + attributes.gid();
        }
        return attributes.xattrs().containsKey("security.capability") ? "has capabilities" : "";
    }
}
