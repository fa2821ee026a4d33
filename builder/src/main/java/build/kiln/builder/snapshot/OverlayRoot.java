package build.kiln.builder.snapshot;

import java.nio.file.Path;

/// A root file system that is an overlay: its upper directory is the changeset.
public final class OverlayRoot extends RootFilesystem {

    private final Mounted mounted;
    private final MountPoints mountPoints;

    OverlayRoot(Mounted mounted) {
        this.mounted = mounted;
        this.mountPoints = new MountPoints(mounted.root(), mounted.changes());
    }

    @Override
    public Path root() {
        return mounted.root();
    }

    @Override
    public Path mountPointForDirectory(String target) {
        return mountPoints.provide(resolve(target), MountPoints.Kind.DIRECTORY);
    }

    @Override
    public Path mountPointForFile(String target) {
        return mountPoints.provide(resolve(target), MountPoints.Kind.FILE);
    }

    @Override
    public void begin() {
        // What changes goes into the upper directory in any case.
    }

    @Override
    public Path written() {
        return mounted.changes();
    }

    @Override
    public Path unmount() {
        if (mounted.isMounted()) {
            mountPoints.removeUnused();
            mounted.unmount();
            mountPoints.forgetCopies();
        }
        return mounted.changes();
    }

    @Override
    public void close() {
        mounted.close();
    }
}
