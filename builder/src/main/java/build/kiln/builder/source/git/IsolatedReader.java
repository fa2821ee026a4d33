package build.kiln.builder.source.git;

import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/// Keeps jgit from the machine's git: its configuration files, its environment, and the program itself, which
/// jgit would start to find the first.
final class IsolatedReader extends SystemReader {

    private final SystemReader machine;

    private IsolatedReader(SystemReader machine) {
        this.machine = machine;
        setPlatformChecker();
    }

    /// Holds for this whole process; jgit has no other place for it.
    static synchronized void install() {
        if (!(SystemReader.getInstance() instanceof IsolatedReader)) {
            SystemReader.setInstance(new IsolatedReader(SystemReader.getInstance()));
        }
    }

    @Override
    public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
        return new NoConfig(parent, fs);
    }

    @Override
    public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
        return new NoConfig(parent, fs);
    }

    @Override
    public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
        return new NoConfig(parent, fs);
    }

    @Override
    public String getHostname() {
        return "localhost";
    }

    @Override
    public @Nullable String getenv(String variable) {
        return null;
    }

    @Override
    public @Nullable String getProperty(String key) {
        return machine.getProperty(key);
    }

    @Override
    public long getCurrentTime() {
        return machine.getCurrentTime();
    }

    @Override
    public int getTimezone(long when) {
        return 0;
    }

    private static final class NoConfig extends FileBasedConfig {

        NoConfig(@Nullable Config parent, FS fs) {
            super(parent, null, fs);
        }

        @Override
        public void load() {}

        @Override
        public void save() {}

        @Override
        public boolean isOutdated() {
            return false;
        }
    }
}
