package build.kiln.builder.cache.pin;

import build.kiln.builder.linux.Lock;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.SystemCallFailure;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a look at an entry and its removal apart: who pins passes side by side with others who pin, who removes passes
/// alone.
///
/// Nobody waits for ever: a process that was stopped inside, or a file system without locks, must not stop all builds.
/// Whoever passes without the lock risks that an entry is gone between its look-up and its use, which a build takes for
/// a
/// miss.
public final class Gate implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final int LOOKS = 400;
    private static final long PAUSE_MILLIS = 5;

    private final OpenFile file;

    private Gate(OpenFile file) {
        this.file = file;
    }

    /// Passes the gate of these pins; closing it lets others pass.
    ///
    /// @param pins the directory of the pins
    static Gate pass(Path pins, Lock lock) throws SystemCallFailure {
        return of(pins.resolve(".gate"), lock);
    }

    /// Passes a gate of another kind alone.
    ///
    /// @param path a file; made if it is not there
    public static Gate alone(Path path) throws SystemCallFailure {
        return of(path, Lock.EXCLUSIVE);
    }

    private static Gate of(Path path, Lock lock) throws SystemCallFailure {
        OpenFile file = OpenFile.readWrite(NativePath.of(path), 0666);
        try {
            for (int look = 0; look < LOOKS; look++) {
                if (file.tryLock(lock)) {
                    return new Gate(file);
                }
                Thread.sleep(PAUSE_MILLIS);
            }
            LOG.debug("The gate {} stayed shut.", path);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SystemCallFailure e) {
            LOG.debug("There are no locks on {}: {}", path, e.getMessage());
        }
        return new Gate(file);
    }

    /// Passes alone: as long as it is open, nobody pins anything.
    public static Gate passAlone(Path pins) throws SystemCallFailure {
        return pass(pins, Lock.EXCLUSIVE);
    }

    @Override
    public void close() throws SystemCallFailure {
        file.close();
    }
}
