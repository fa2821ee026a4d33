package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A changeset made up from a seed: every kind of entry, odd names, ids, times and attributes.
final class RandomTree {

    private final Random random;
    private final TreeMap<LayerPath, Emission> emissions = new TreeMap<>();
    private final List<Named> files = new ArrayList<>();
    private final Set<LayerPath> opaque = new HashSet<>();

    private interface Emission {
        void into(EntrySink sink) throws IOException;
    }

    private record Named(LayerPath path, Attributes attributes) {}

    /// What only the host's root can make on a disk.
    enum Devices {
        SOME,
        NONE
    }

    private final Devices devices;

    RandomTree(long seed, Devices devices) {
        this.random = new Random(seed);
        this.devices = devices;
        List<LayerPath> directories = new ArrayList<>(List.of(LayerPath.ROOT));
        int count = random.nextInt(60);
        for (int i = 0; i < count; i++) {
            LayerPath path = directories.get(random.nextInt(directories.size())).child(name());
            if (emissions.containsKey(path)) {
                continue;
            }
            add(path, directories);
        }
    }

    private void add(LayerPath path, List<LayerPath> directories) {
        switch (random.nextInt(9)) {
            case 0, 1 -> directory(path, directories);
            case 2 -> plain(new LayerEntry.Symlink(path, attributes(false).withMode(0777), Bytes.of(name())));
            case 3 -> hardLink(path);
            case 4 -> plain(new LayerEntry.Fifo(path, attributes(false)));
            case 5 -> {
                if (!opaque.contains(path.parent())) {
                    plain(new LayerEntry.Whiteout(path));
                }
            }
            case 6 -> device(path);
            default -> file(path);
        }
    }

    private void plain(LayerEntry.Plain entry) {
        emissions.put(entry.path(), sink -> sink.add(entry));
    }

    private void directory(LayerPath path, List<LayerPath> directories) {
        directories.add(path);
        LayerEntry.Directory entry = new LayerEntry.Directory(path, attributes(true));
        boolean isOpaque = random.nextInt(4) == 0;
        if (isOpaque) {
            opaque.add(path);
        }
        emissions.put(path, sink -> {
            sink.add(entry);
            if (isOpaque) {
                sink.add(new LayerEntry.Opaque(path));
            }
        });
    }

    private void hardLink(LayerPath path) {
        if (files.isEmpty()) {
            return;
        }
        Named first = files.get(random.nextInt(files.size()));
        // A link comes after its file in the order of the walk.
        if (first.path.compareTo(path) < 0) {
            plain(new LayerEntry.HardLink(path, first.attributes, first.path));
        }
    }

    private void device(LayerPath path) {
        if (devices == Devices.NONE) {
            return;
        }
        LayerEntry.DeviceKind kind =
                random.nextBoolean() ? LayerEntry.DeviceKind.BLOCK : LayerEntry.DeviceKind.CHARACTER;
        DeviceNumber number = new DeviceNumber(random.nextInt(4095) + 1, random.nextInt(1 << 20));
        plain(new LayerEntry.Device(path, attributes(false), kind, number));
    }

    private void file(LayerPath path) {
        byte[] content = new byte[random.nextInt(10) == 0 ? random.nextInt(1_500_000) : random.nextInt(2000)];
        random.nextBytes(content);
        Attributes attributes = attributes(true);
        emissions.put(path, sink -> sink.addFile(path, attributes, FileContent.of(content)));
        files.add(new Named(path, attributes));
    }

    private byte[] name() {
        int length = random.nextInt(20) == 0 ? 200 + random.nextInt(50) : 1 + random.nextInt(12);
        byte[] name = new byte[length];
        boolean wild = random.nextInt(5) == 0;
        for (int i = 0; i < length; i++) {
            int c = wild ? 1 + random.nextInt(255) : "abcABC.-_ =%".charAt(random.nextInt(12));
            name[i] = (byte) (c == '/' ? 'x' : c);
        }
        name[0] = name[0] == '.' ? (byte) 'd' : name[0];
        return name;
    }

    private Attributes attributes(boolean userXattrs) {
        Map<String, Bytes> xattrs = new TreeMap<>();
        if (userXattrs && random.nextInt(4) == 0) {
            byte[] value = new byte[random.nextInt(40)];
            random.nextBytes(value);
            xattrs.put("user.kiln " + random.nextInt(3) + (random.nextBoolean() ? "%=" : ""), Bytes.of(value));
        }
        long id = random.nextInt(5) == 0 ? random.nextLong(60_000) : 0;
        long seconds = random.nextInt(6) == 0 ? -random.nextLong(1L << 30) : random.nextLong(1L << 31);
        return new Attributes(random.nextInt(010000), id, id / 2, Instant.ofEpochSecond(seconds, nanos()), xattrs);
    }

    private int nanos() {
        return random.nextInt(3) == 0 ? random.nextInt(1_000_000_000) : 0;
    }

    /// Gives the entries to a sink in the order of a walk.
    void writeTo(EntrySink sink) throws IOException {
        for (Emission emission : emissions.values()) {
            emission.into(sink);
        }
    }
}
