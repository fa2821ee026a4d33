package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.cache.collect.Housekeeping;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.execute.FullVolume;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.VolumeRoom;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a build makes its layers: on the cache volume, and in a folder elsewhere once the volume is full and stays
/// full.
final class BuildPlace implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BuildPlace.class);

    /// Every time something else was lost; more often than that, somebody deletes as fast as we build.
    private static final int MOST_LOST = 5;

    private final BuildSetup setup;
    private final Confinement onVolume;
    private final Progress progress;
    private final Cache volume;
    private final Housekeeping housekeeping;
    private final Limits limits;
    private @Nullable Scratch scratch;
    private int lost;
    private boolean hasMadeRoom;

    /// A folder that is gone with the build.
    private record Scratch(Path folder, Cache cache, Confinement confinement, VolumeRoom room) {}

    private BuildPlace(BuildSetup setup, Confinement onVolume, Progress progress, Cache volume, Limits limits) {
        this.setup = setup;
        this.onVolume = onVolume;
        this.progress = progress;
        this.volume = volume;
        this.limits = limits;
        this.housekeeping = new Housekeeping(volume, limits);
    }

    /// Opens the volume, and makes room on it if there is too little.
    ///
    /// @throws PlatformFailure `DiskFull` if it cannot be written at all
    static BuildPlace open(BuildSetup setup, Confinement onVolume, Progress progress) {
        Cache volume = volume(setup);
        try {
            BuildPlace place = new BuildPlace(
                    setup, onVolume, progress, volume, setup.limits().of(volume.root()));
            place.housekeeping.reserve();
            return place;
        } catch (IOException e) {
            throw new PlatformFailure(
                    Reason.DiskFull,
                    setup.cache().toString(),
                    "the file system of the cache volume does not say how much room it has: " + e.getMessage() + ".",
                    "Name another directory with --cache-dir.",
                    e);
        }
    }

    private static Cache volume(BuildSetup setup) {
        Path below = setup.cacheBelow();
        return below == null
                ? Cache.open(setup.cache(), setup.maker())
                : Cache.open(below, setup.maker()).above(setup.cache());
    }

    Cache cache() {
        Scratch elsewhere = scratch;
        return elsewhere == null ? volume : elsewhere.cache();
    }

    Confinement confinement() {
        Scratch elsewhere = scratch;
        return elsewhere == null ? onVolume : elsewhere.confinement();
    }

    /// What RUNs may write there.
    VolumeRoom room() {
        Scratch elsewhere = scratch;
        return elsewhere == null ? new VolumeRoom(limits, housekeeping::makeRoom) : elsewhere.room();
    }

    /// Does what can be done about this failure of the volume.
    ///
    /// @return whether the build can go on, from its last finished step
    boolean canGoOn(PlatformFailure failure) {
        if (failure.reason() == Reason.CacheLost && ++lost <= MOST_LOST) {
            progress.warning(failure.fact() + " The step runs again.");
            return true;
        }
        if (!FullVolume.isReasonOf(failure) || scratch != null) {
            return false;
        }
        if (!hasMadeRoom) {
            hasMadeRoom = true;
            if (housekeeping.makeRoom()) {
                progress.warning("The cache volume " + setup.cache()
                        + " was full. What was least recently used has been" + " collected, and the build goes on.");
                return true;
            }
        }
        scratch = newScratch();
        return scratch != null;
    }

    private @Nullable Scratch newScratch() {
        for (Path parent : List.of(setup.work(), Path.of(System.getProperty("java.io.tmpdir")))) {
            try {
                FileStore store = Files.getFileStore(parent);
                if (store.equals(Files.getFileStore(volume.root()))) {
                    continue;
                }
                Path folder = Files.createTempDirectory(parent, "kiln-scratch-");
                progress.warning(
                        "The cache volume " + setup.cache() + " is full, and what is on it is in use. The build"
                                + " goes on in " + folder + "; what it makes there is not kept.");
                Cache above = volume.above(folder);
                return new Scratch(
                        folder,
                        above,
                        new Confinement(folder, setup.maker(), setup.isolation()),
                        new VolumeRoom(Limits.ofOthers(folder), () -> false));
            } catch (IOException | PlatformFailure e) {
                LOG.info("{} is no place to go on: {}", parent, e.getMessage());
            }
        }
        return null;
    }

    /// Gives the volume back, in order.
    @Override
    public void close() {
        Scratch elsewhere = scratch;
        if (elsewhere != null) {
            elsewhere.confinement().close();
            Leftovers.delete(elsewhere.folder());
        }
        housekeeping.tidy();
        cache().close();
        volume.close();
    }
}
