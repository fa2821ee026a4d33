package build.kiln.builder.app;

import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;

/// `kiln` as it runs on another host: by another clock, and on another kernel as far as it can tell.
///
/// In its own mount namespace another boot id lies over the machine's. So builders here and there do not believe what
/// the one kernel knows of both, and watch each other's count.
final class OtherHost {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private OtherHost() {}

    /// @param args how far its clock is ahead, in seconds; then what `kiln` gets
    public static void main(String[] args) throws Exception {
        Path kernel = Files.writeString(Files.createTempFile("boot-id-", ""), UUID.randomUUID() + "\n");
        Mounts.bind(NativePath.of(kernel), NativePath.of(BOOT_ID));
        Files.delete(kernel);
        Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(Long.parseLong(args[0])));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(Kiln.run(
                new Environment(System.getenv(), System.in, out, err, clock),
                Arrays.copyOfRange(args, 1, args.length)));
    }
}
