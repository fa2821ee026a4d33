package build.kiln.bench.workload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Bytes that compress as those of real images do, the same for the same seed.
final class Data {

    private static final int WORDS = 3000;
    private static final int BLOCK = 8 << 20;

    private Data() {}

    /// Half text, half binary; gzip makes a bit more than half of it.
    static byte[] mixed(long seed, int length) {
        byte[] all = text(seed, length);
        SplittableRandom random = new SplittableRandom(~seed);
        for (int at = length / 2; at + 4 <= length; at += 4) {
            int value = random.nextInt();
            all[at] = (byte) value;
            all[at + 1] = (byte) (value >> 8);
            all[at + 2] = (byte) (value >> 16);
            all[at + 3] = (byte) (value >>> 30);
        }
        return all;
    }

    /// As a jar or a picture: nothing to gain.
    static byte[] packed(long seed, int length) {
        byte[] all = new byte[length];
        new SplittableRandom(seed).nextBytes(all);
        return all;
    }

    /// Words of a vocabulary that is the same for every seed.
    static byte[] text(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] all = new byte[length];
        for (int at = 0; at < length; ) {
            long word = 1 + random.nextInt(WORDS);
            for (long letters = word * 0x9E3779B97F4A7C15L >>> 20; letters != 0 && at < length; letters >>>= 5) {
                all[at++] = (byte) ('a' + letters % 26);
                if (letters % 7 == 0) {
                    break;
                }
            }
            if (at < length) {
                all[at++] = (byte) (random.nextInt(12) == 0 ? '\n' : ' ');
            }
        }
        return all;
    }

    /// A large file of mixed data: blocks that begin at other places, so that no compressor sees a repetition.
    static void writeMixed(Path file, long seed, long length) throws IOException {
        byte[] block = mixed(seed, BLOCK);
        try (OutputStream out = Files.newOutputStream(file)) {
            long left = length;
            for (int round = 0; left > 0; round++) {
                byte[] mark = ("block " + round + "\n").getBytes(StandardCharsets.US_ASCII);
                out.write(mark, 0, (int) Math.min(mark.length, left));
                left -= Math.min(mark.length, left);
                int part = (int) Math.min(block.length, left);
                out.write(block, 0, part);
                left -= part;
            }
        }
    }

    /// A folder of files of several sizes, a hundred in each of its folders.
    static void writeFiles(Path folder, long seed, int count, int smallest, int largest) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            Path below = folder.resolve("d" + i / 100);
            if (i % 100 == 0) {
                Files.createDirectories(below);
            }
            Files.write(below.resolve("f" + i), mixed(seed + i, random.nextInt(smallest, largest)));
        }
    }
}
