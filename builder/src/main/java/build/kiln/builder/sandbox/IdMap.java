package build.kiln.builder.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The users and groups of the builder's user namespace.
///
/// @param uids their extents, as `/proc/self/uid_map` has them
/// @param gids theirs
public record IdMap(List<Extent> uids, List<Extent> gids) {

    private static final long ALL_OF_THE_MACHINE = 4294967295L;

    /// How many ids an ordinary image may use.
    static final long ENOUGH = 65_536;

    /// @param first the lowest id inside the namespace
    /// @param outside what it is outside
    public record Extent(long first, long outside, long count) {}

    public IdMap {
        uids = List.copyOf(uids);
        gids = List.copyOf(gids);
    }

    /// @throws IOException if the kernel does not say
    public static IdMap ofThisProcess() throws IOException {
        return new IdMap(read(Path.of("/proc/self/uid_map")), read(Path.of("/proc/self/gid_map")));
    }

    private static List<Extent> read(Path file) throws IOException {
        List<Extent> extents = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.strip().split(" +", 3);
            extents.add(new Extent(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])));
        }
        return extents;
    }

    /// The same without this id and those above it.
    IdMap without(long id) {
        return new IdMap(below(uids, id), below(gids, id));
    }

    private static List<Extent> below(List<Extent> extents, long id) {
        return extents.stream()
                .filter(extent -> extent.first() < id)
                .map(extent ->
                        new Extent(extent.first(), extent.outside(), Math.min(extent.count(), id - extent.first())))
                .toList();
    }

    /// Whether a file of that user and group can be that here.
    public boolean has(long uid, long gid) {
        return contains(uids, uid) && contains(gids, gid);
    }

    private static boolean contains(List<Extent> extents, long id) {
        return extents.stream().anyMatch(extent -> id >= extent.first() && id - extent.first() < extent.count());
    }

    /// True where no user namespace was entered.
    public boolean isWholeMachine() {
        return uids.size() == 1
                && uids.getFirst().outside() == 0
                && uids.getFirst().count() == ALL_OF_THE_MACHINE;
    }

    /// How many ids there are that are both users and groups, from 0 on without a gap.
    public long count() {
        return Math.min(fromZero(uids), fromZero(gids));
    }

    private static long fromZero(List<Extent> extents) {
        long next = 0;
        for (Extent extent : extents) {
            if (extent.first() == next) {
                next += extent.count();
            }
        }
        return next;
    }
}
