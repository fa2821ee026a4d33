package build.kiln.builder.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Makes mutants of seeds.
final class Mutator {

    private static final int LONGEST = 1 << 16;
    private static final int TAR_BLOCK = 512;
    private static final int TAR_CHECKSUM = 148;

    private Mutator() {}

    static byte[] mutant(FuzzTarget target, SplittableRandom random) {
        List<byte[]> seeds = target.seeds();
        byte[] input = seeds.get(random.nextInt(seeds.size()));
        for (int changes = 1 + random.nextInt(1 + random.nextInt(7)); changes > 0; changes--) {
            input = changed(target, input, random);
        }
        return input;
    }

    private static byte[] changed(FuzzTarget target, byte[] input, SplittableRandom random) {
        int at = random.nextInt(input.length + 1);
        int end = Math.min(input.length, at + random.nextInt(12));
        return switch (random.nextInt(8)) {
            case 0 -> replaced(input, at, end, new byte[0], 1);
            case 1 -> replaced(input, at, at, fragment(target, random), 1);
            case 2 -> replaced(input, at, at, fragment(target, random), random.nextInt(1, 40));
            case 3 -> replaced(input, at, end, utf8(random.nextInt(0x250)), 1);
            case 4 -> replaced(input, at, at, Arrays.copyOfRange(input, at, end), 1);
            case 5 -> withChangedByte(input, random);
            case 6 -> random.nextInt(8) == 0 ? Arrays.copyOf(input, at) : withChangedByte(input, random);
            default -> {
                byte[] other = target.seeds().get(random.nextInt(target.seeds().size()));
                int from = random.nextInt(other.length + 1);
                yield replaced(
                        input,
                        at,
                        at,
                        Arrays.copyOfRange(other, from, Math.min(other.length, from + random.nextInt(600))),
                        1);
            }
        };
    }

    private static byte[] fragment(FuzzTarget target, SplittableRandom random) {
        return target.fragments().get(random.nextInt(target.fragments().size()));
    }

    private static byte[] utf8(int character) {
        return Character.toString(character).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] replaced(byte[] input, int from, int to, byte[] by, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(input, 0, from);
        for (int i = 0; i < times && out.size() < LONGEST; i++) {
            out.writeBytes(by);
        }
        out.write(input, to, input.length - to);
        return out.size() > LONGEST ? Arrays.copyOf(out.toByteArray(), LONGEST) : out.toByteArray();
    }

    /// Where that is in a tar's header, its checksum is mostly made right again: otherwise nothing behind it is read.
    private static byte[] withChangedByte(byte[] input, SplittableRandom random) {
        if (input.length == 0) {
            return input;
        }
        byte[] changed = input.clone();
        int at = random.nextInt(input.length);
        changed[at] = (byte) (random.nextBoolean() ? "/.0\0x157\u00ff ".charAt(random.nextInt(10)) : random.nextInt());
        int block = at / TAR_BLOCK * TAR_BLOCK;
        boolean isHeader = block + TAR_BLOCK <= input.length && input[block + 257] == 'u' && input[block + 258] == 's';
        if (isHeader && random.nextInt(8) > 0) {
            Arrays.fill(changed, block + TAR_CHECKSUM, block + TAR_CHECKSUM + 8, (byte) ' ');
            int sum = 0;
            for (int i = block; i < block + TAR_BLOCK; i++) {
                sum += changed[i] & 0xff;
            }
            byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digits, 0, changed, block + TAR_CHECKSUM, 8);
        }
        return changed;
    }
}
