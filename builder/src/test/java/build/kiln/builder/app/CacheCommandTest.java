package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// `kiln cache` on volumes that real builds have filled, and damaged ones.
class CacheCommandTest {

    @TempDir
    private Path own;

    private Path context;

    @BeforeEach
    void buildOnce() throws IOException {
        context = Files.createDirectories(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY file /file\nWORKDIR /work\n");
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        Files.write(context.resolve("file"), noise);
        assertThat(build("one").status()).isZero();
    }

    @Test
    void lsListsTheStepsWithSizeAndLastUse() {
        LocalRuns.Ended ended = cache("ls");
        assertThat(ended.status()).isZero();
        assertThat(ended.out().lines().toList()).hasSize(3).first().asString().matches("LAST USE +SIZE +TOOK +STEP");
        assertThat(ended.out()).containsPattern("20[0-9-]+ [0-9:]+ +9[0-9.]+ KiB +[0-9.]+s +COPY file /file");
    }

    @Test
    void lsWritesJsonForPrograms() {
        JsonNode steps = Json.parse(cache("ls", "--json").out().getBytes(StandardCharsets.UTF_8))
                .path("steps");
        assertThat(steps).hasSize(2);
        assertThat(steps.findValuesAsText("instruction")).containsExactlyInAnyOrder("COPY file /file", "WORKDIR /work");
        assertThat(steps.findValuesAsText("isThere")).containsOnly("true");
    }

    @Test
    void duSaysWhatTakesTheRoom() {
        LocalRuns.Ended ended = cache("du");
        assertThat(ended.status()).isZero();
        assertThat(ended.out()).containsPattern("KIND +COUNT +SIZE +IN USE +RECLAIMABLE");
        assertThat(ended.out()).containsPattern("\nblobs +2 +[0-9.]+ KiB +0 B +[0-9.]+ KiB\n");
        assertThat(ended.out()).containsPattern("\nstep records +2 ");
        assertThat(ended.out()).containsPattern("\nURLs +0 +0 B ");
        assertThat(ended.out()).containsPattern("\nfile digests +[01] ");
        assertThat(ended.out()).containsPattern("\ntotal +[0-9]+ ");
    }

    @Test
    void pruneRemovesNothingWhereTheLimitHolds() {
        assertThat(cache("prune").out()).isEqualTo("Removed 0 entries, 0 B.\n");
        assertThat(cache("prune", "--max-size", "10m").out()).isEqualTo("Removed 0 entries, 0 B.\n");
        assertThat(cache("prune", "--older-than", "1h").out()).isEqualTo("Removed 0 entries, 0 B.\n");
    }

    @Test
    void aDryRunOnlyTells() {
        assertThat(cache("prune", "--all", "--dry-run").out())
                .containsPattern("Would remove [0-9]+ entries, 1[0-9.]+ KiB");
        assertThat(build("two").err()).contains("CACHED").doesNotContain("MISS");
    }

    @Test
    void pruneOfAllLeavesAVolumeThatWorks() throws IOException {
        assertThat(cache("prune", "--all").out()).containsPattern("Removed [0-9]+ entries, 1[0-9.]+ KiB");
        assertThat(cache("ls").out()).hasLineCount(1);
        LocalRuns.Ended again = build("two");
        assertThat(again.err()).contains("MISS its record is gone from the volume");
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
    }

    @Test
    void flagsThatContradictEachOtherAreRefused() {
        LocalRuns.Ended ended = cache("prune", "--all", "--older-than", "7d");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .endsWith("ERROR: RequestInvalid: kiln cache prune: --max-size, --older-than and --all say different"
                        + " things. Give one of them.\n");
        assertThat(cache("prune", "--older-than", "soon").err())
                .endsWith("ERROR: RequestInvalid: --older-than soon: it is not a time. Write a number of days, hours or"
                        + " minutes: 7d, 12h or 30m.\n");
    }

    @Test
    void aFolderThatIsNoCacheIsRefused() {
        LocalRuns.Ended ended = LocalRuns.run(own, "cache", "du", "--cache-dir", context.toString());
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .endsWith(
                        "ERROR: RequestInvalid: --cache-dir " + context + ": there is no cache in this folder. Name the"
                                + " folder that \"kiln build --cache-dir\" had, or build something.\n");
        assertThat(context.resolve("steps")).doesNotExist();
    }

    @Test
    void aVolumeInOrderIsVerified() {
        LocalRuns.Ended ended = cache("verify");
        assertThat(ended.out()).isEqualTo("Read 2 blobs, 2 layers and 2 records. Damaged and forgotten: 0.\n");
        assertThat(ended.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blobs/sha256", "steps", "layers/sha256"})
    void aFlippedBitIsFoundAndHealed(String room) throws IOException {
        assertThat(build("rootfs", "--output", "type=local,dest=" + own.resolve("rootfs"))
                        .status())
                .isZero();
        Path file = largest(room);
        flip(file);

        LocalRuns.Ended found = cache("verify");
        assertThat(found.status()).as(found.out()).isEqualTo(1);
        assertThat(found.out()).contains("Damaged and forgotten: 1.\n");
        assertThat(found.out().lines().findFirst().orElseThrow()).startsWith(room + "/");
        assertThat(cache("verify").status()).as("healed").isZero();
        assertThat(build("two").status()).isZero();
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
    }

    /// A directory gives an error in place of bytes, as a bad block does.
    @ParameterizedTest
    @ValueSource(strings = {"blobs/sha256", "steps", "layers/sha256"})
    void whatCannotBeReadIsFoundAndHealed(String room) throws IOException {
        build("rootfs", "--output", "type=local,dest=" + own.resolve("rootfs"));
        Path file = room.startsWith("layers") ? largest(room).resolveSibling("../index") : largest(room);
        Files.delete(file.normalize());
        Files.createDirectory(file.normalize());

        LocalRuns.Ended found = cache("verify");
        assertThat(found.status()).as(found.out() + found.err()).isEqualTo(1);
        assertThat(found.out()).contains("Damaged and forgotten: 1.\n");
        assertThat(found.out().lines().findFirst().orElseThrow()).startsWith(room + "/");
        assertThat(cache("verify").status()).as("healed").isZero();
        assertThat(build("two").status()).isZero();
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps", "layers/sha256"})
    void aBuildTakesARecordOrIndexThatCannotBeReadForAMiss(String room) throws IOException {
        build("rootfs", "--output", "type=local,dest=" + own.resolve("rootfs"));
        try (Stream<Path> files = Files.walk(own.resolve("cache").resolve(room))) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> room.equals("steps") || file.endsWith("index"))
                    .toList()) {
                Files.delete(file);
                Files.createDirectory(file);
            }
        }
        LocalRuns.Ended two = build("two");
        assertThat(two.status()).as(two.err()).isZero();
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
        LocalRuns.Ended again = build("three", "--output", "type=local,dest=" + own.resolve("again"));
        assertThat(again.status()).as(again.err()).isZero();
        assertThat(own.resolve("again/file")).hasSameBinaryContentAs(context.resolve("file"));
    }

    @Test
    void aFileThatWasPutIntoALayerIsFound() throws IOException {
        build("rootfs", "--output", "type=local,dest=" + own.resolve("rootfs"));
        Path file = largest("layers/sha256");
        Files.writeString(file.resolveSibling("stranger"), "boo");
        assertThat(cache("verify").out()).contains(": \"/stranger\" is no part of it\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps", "layers/sha256"})
    void aBuildNeverUsesADamagedRecordOrIndex(String room) throws IOException {
        try (Stream<Path> files = Files.walk(own.resolve("cache").resolve(room))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                flip(file);
            }
        }
        assertThat(build("two").status()).isZero();
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
        assertThat(build("three", "--output", "type=local,dest=" + own.resolve("rootfs"))
                        .status())
                .isZero();
        assertThat(own.resolve("rootfs/file")).hasSameBinaryContentAs(context.resolve("file"));
        assertThat(cache("verify").status()).as("a build heals what it meets").isZero();
    }

    @Test
    void aBlobThatIsCutShortIsAMiss() throws IOException {
        Path blob = largest("blobs/sha256");
        Files.write(blob, java.util.Arrays.copyOf(Files.readAllBytes(blob), 1000));
        assertThat(build("two").err()).contains("MISS the layer of its record is gone from the volume");
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
    }

    @Test
    void aDamagedBlobThatHasToBeUnpackedIsMadeAgain() throws IOException {
        flip(largest("blobs/sha256"));
        LocalRuns.Ended ended = build("two", "--output", "type=local,dest=" + own.resolve("rootfs"));
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err())
                .contains("WARNING: The cached layer of \"COPY file /file\" was damaged, and is not used any more.");
        assertThat(own.resolve("rootfs/file")).hasSameBinaryContentAs(context.resolve("file"));
    }

    @Test
    void aCacheThatMayTakeNothingStillBuilds() throws IOException {
        LocalRuns.Ended ended = build("two", "--no-cache", "--cache-max-size", "1k");
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(own.resolve("two.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
        LocalRuns.Ended next = build("three", "--cache-max-size", "1k");
        assertThat(next.err()).as("what was over the limit is gone").contains("MISS");
        assertThat(own.resolve("three.tar")).hasSameBinaryContentAs(own.resolve("one.tar"));
    }

    @Test
    void theManualNamesEveryCommandAndFlag() throws IOException {
        String page = Files.readString(Path.of("../docs/cli.md"));
        Environment nothing = new Environment(Map.of(), System.out, System.err, Clock.systemUTC());
        CommandLine command = new CommandLine(new CacheCommand(nothing));
        assertThat(command.getSubcommands().keySet())
                .allSatisfy(name -> assertThat(page).contains("`kiln cache " + name));
        assertThat(command.getSubcommands().values().stream()
                        .flatMap(sub -> sub.getCommandSpec().options().stream())
                        .filter(option -> !option.usageHelp() && !option.versionHelp())
                        .map(CommandLine.Model.OptionSpec::longestName))
                .allSatisfy(name -> assertThat(page).contains(name));
    }

    private Path largest(String room) throws IOException {
        try (Stream<Path> files = Files.walk(own.resolve("cache").resolve(room))) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private LocalRuns.Ended cache(String... args) {
        List<String> all = new ArrayList<>(List.of("cache"));
        all.addAll(List.of(args));
        all.addAll(List.of("--cache-dir", own.resolve("cache").toString()));
        return LocalRuns.run(own, all.toArray(String[]::new));
    }

    private LocalRuns.Ended build(String name, String... flags) {
        List<String> all = new ArrayList<>(List.of(
                "build",
                "--cache-dir",
                own.resolve("cache").toString(),
                "--output",
                "type=oci,dest=" + own.resolve(name + ".tar")));
        all.addAll(List.of(flags));
        all.add(context.toString());
        return LocalRuns.run(own, all.toArray(String[]::new));
    }
}
