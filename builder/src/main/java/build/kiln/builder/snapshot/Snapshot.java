package build.kiln.builder.snapshot;

import java.nio.file.Path;

/// An image's files as its layers left them, mounted read-only.
public final class Snapshot implements MountedRoot {

    private final Mounted mounted;

    Snapshot(Mounted mounted) {
        this.mounted = mounted;
    }

    @Override
    public Path root() {
        return mounted.root();
    }

    @Override
    public void close() {
        mounted.close();
    }
}
