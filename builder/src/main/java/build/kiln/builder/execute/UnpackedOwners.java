package build.kiln.builder.execute;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.linux.Processes;
import build.kiln.builder.sandbox.IdMap;
import build.kiln.builder.source.BuildContext;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Whose files a COPY from a stage or an image reads. What root unpacks has its owners on the disk, as far as its user
/// namespace has them; the others' files are root's there, which a warning says. What an ordinary user unpacks is all
/// that user's: where every file is root's that does no harm, elsewhere the copy would be a wrong one.
final class UnpackedOwners {

    private UnpackedOwners() {}

    /// @param layers asked only where it matters
    /// @param name of what is read, for messages
    /// @param warning told of files that cannot have their owners
    /// @throws PlatformFailure `IsolationUnavailable` if this user cannot have the files as they are
    static BuildContext.Owners of(Supplier<List<LayerIndex>> layers, String name, Consumer<String> warning) {
        long uid = Processes.effectiveUid();
        if (uid == 0) {
            warnOfStrangers(layers, name, warning);
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

    private static void warnOfStrangers(Supplier<List<LayerIndex>> layers, String name, Consumer<String> warning) {
        IdMap ids;
        try {
            ids = IdMap.ofThisProcess();
        } catch (IOException e) {
            return; // A system without user namespaces: all ids are there.
        }
        if (ids.isWholeMachine()) {
            return;
        }
        Map<LayerPath, String> strangers = new LinkedHashMap<>();
        for (LayerIndex layer : layers.get()) {
            for (LayerEntry entry : layer.entries()) {
                Attributes attributes = attributes(entry);
                if (attributes != null && !ids.has(attributes.uid(), attributes.gid())) {
                    strangers.put(entry.path(), attributes.uid() + ":" + attributes.gid());
                } else if (!strangers.isEmpty()) {
                    strangers.remove(entry.path());
                }
            }
        }
        if (!strangers.isEmpty()) {
            var first = strangers.entrySet().iterator().next();
            warning.accept("In " + name + ", files and directories belong to users or groups that the builder's user"
                    + " namespace does not have: " + strangers.size() + ", the first of them " + first.getKey() + " to "
                    + first.getValue()
                    + ". A COPY from it gives them to root. Give the copy its owner with --chown, or build where the"
                    + " user namespace has more ids (\"kiln doctor\" shows which there are).");
        }
    }

    private static @Nullable Attributes attributes(LayerEntry entry) {
        return switch (entry) {
            case LayerEntry.File file -> file.attributes();
            case LayerEntry.Directory directory -> directory.attributes();
            case LayerEntry.Symlink link -> link.attributes();
            case LayerEntry.HardLink link -> link.attributes();
            case LayerEntry.Fifo fifo -> fifo.attributes();
            case LayerEntry.Device device -> device.attributes();
            case LayerEntry.Whiteout _, LayerEntry.Opaque _ -> null;
        };
    }

    private static String beyond(LayerEntry entry) {
        if (entry instanceof LayerEntry.Device) {
            return "is a device";
        }
        Attributes attributes = attributes(entry);
        return attributes == null ? "" : beyond(attributes);
    }

    private static String beyond(Attributes attributes) {
        if (attributes.uid() != 0 || attributes.gid() != 0) {
            return "belongs to " + attributes.uid() + ":" + attributes.gid();
        }
        return attributes.xattrs().containsKey("security.capability") ? "has capabilities" : "";
    }
}
