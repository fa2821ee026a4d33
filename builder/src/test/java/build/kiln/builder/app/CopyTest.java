package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import build.kiln.builder.testing.Tool;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// COPY and ADD of the context's files, by the command line: nothing is run or mounted, so nothing is needed for it.
class CopyTest {

    @TempDir
    private Path own;

    private Path context;
    private Path image;

    private record Ended(int status, String err) {}

    @BeforeEach
    void makeContext() throws IOException {
        context = Files.createDirectory(own.resolve("context"));
        image = own.resolve("image.tar");
    }

    @Test
    void linkedLayerIsFoundAgainOnABaseThatMoved() throws Exception {
        write("base.txt", "one");
        write("app.txt", "app");
        dockerfile("FROM scratch AS base", "COPY base.txt /", "FROM base", "COPY --link app.txt /opt/");
        build();
        write("base.txt", "two");
        Ended moved = build();

        assertThat(outcome(moved, "COPY base.txt /")).startsWith("DONE");
        assertThat(outcome(moved, "COPY --link app.txt /opt/")).isEqualTo("CACHED");
        assertThat(content("base.txt")).isEqualTo("two");
        assertThat(content("opt/app.txt")).isEqualTo("app");
    }

    @Test
    void linkedLayerFollowsNoLinkBelowIt() throws Exception {
        write("app.txt", "app");
        Files.createDirectories(context.resolve("tree"));
        Files.createSymbolicLink(context.resolve("tree/opt"), Path.of("usr"));
        dockerfile("FROM scratch", "COPY tree /", "COPY --link app.txt /opt/");
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(list()).containsExactly("drwxr-xr-x 0/0 opt/", "-rw-r--r-- 0/0 opt/app.txt");
    }

    @Test
    void linkedLayerKnowsNoNamesOfOwners() throws Exception {
        write("app.txt", "app");
        dockerfile("FROM scratch", "COPY --link --chown=ann:staff app.txt /opt/");
        Ended ended = build();

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .endsWith("ERROR: DockerfileInvalid: Dockerfile:2: COPY has --link and --chown=ann:staff, and its layer"
                        + " does not see the image's /etc/passwd and /etc/group, so the name has no number. Write"
                        + " numbers, for example --chown=1000:1000, or remove --link.\n");
    }

    @Test
    void numericOwnerOfALinkedLayerOwnsTheNewDirectoriesToo() throws Exception {
        write("app.txt", "app");
        dockerfile("FROM scratch", "COPY --link --chown=7:8 app.txt /opt/");
        build();

        assertThat(list()).containsExactly("drwxr-xr-x 7/8 opt/", "-rw-r--r-- 7/8 opt/app.txt");
    }

    @Test
    void parentsAreKeptFromThePivotOnWithTheirModes() throws Exception {
        write("a/b/c/one.txt", "1");
        write("a/b2/c/two.txt", "2");
        write("a/b/other.txt", "not named");
        Files.setPosixFilePermissions(context.resolve("a/b/c"), PosixFilePermissions.fromString("rwx------"));
        dockerfile("FROM scratch", "COPY --parents --exclude=**/two.txt ./a/./b*/c /out/");
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(list())
                .containsExactly(
                        "drwxr-xr-x 0/0 out/",
                        "drwxr-xr-x 0/0 out/b/",
                        "drwx------ 0/0 out/b/c/",
                        "-rw-r--r-- 0/0 out/b/c/one.txt",
                        "drwxr-xr-x 0/0 out/b2/",
                        "drwxr-xr-x 0/0 out/b2/c/");
    }

    @Test
    void directoryThatIsThereGetsTheModeOfAParentAndKeepsItsOwner() throws Exception {
        write("a/one.txt", "1");
        write("tree/a/there.txt", "2");
        Files.setPosixFilePermissions(context.resolve("a"), PosixFilePermissions.fromString("rwx------"));
        dockerfile("FROM scratch", "COPY --chown=7:8 tree /", "COPY --parents a/one.txt /");
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(list())
                .containsExactly("drwx------ 7/8 a/", "-rw-r--r-- 0/0 a/one.txt", "-rw-r--r-- 7/8 a/there.txt");
    }

    @Test
    void parentsOfAFileThatIsNotThereAreRefused() throws Exception {
        write("a/one.txt", "1");
        dockerfile("FROM scratch", "COPY --parents a/./two.txt /");

        assertThat(build().err())
                .contains("ERROR: FileNotFound: Dockerfile:2: \"a/two.txt\" is not in the build context.");
    }

    @Test
    void twoNamesOfOneFileStayTwoNamesOfOneFile() throws Exception {
        write("dir/one", "shared");
        Files.createLink(context.resolve("dir/two"), context.resolve("dir/one"));
        dockerfile("FROM scratch", "COPY dir /");

        assertThat(lastLayer()).containsExactly("-rw-r--r-- 0/0 one", "hrw-r--r-- 0/0 two link to one");
    }

    @Test
    void namesThatAreSourcesOfTheirOwnBecomeFilesOfTheirOwn() throws Exception {
        write("dir/one", "shared");
        Files.createLink(context.resolve("dir/two"), context.resolve("dir/one"));
        dockerfile("FROM scratch", "COPY dir/* /");

        assertThat(lastLayer()).containsExactly("-rw-r--r-- 0/0 one", "-rw-r--r-- 0/0 two");
    }

    @Test
    void nameOfAFileKeepsTheContentWhenTheOtherIsReplaced() throws Exception {
        write("dir/one", "shared");
        write("one", "replaced");
        Files.createLink(context.resolve("dir/two"), context.resolve("dir/one"));
        Files.createLink(context.resolve("dir/three"), context.resolve("dir/one"));
        dockerfile("FROM scratch", "COPY dir one /");
        build();

        assertThat(content("one")).isEqualTo("replaced");
        assertThat(content("three")).isEqualTo("shared");
        assertThat(lastLayer())
                .containsExactly("-rw-r--r-- 0/0 one", "-rw-r--r-- 0/0 three", "hrw-r--r-- 0/0 two link to three");
    }

    @Test
    void whatIsThereAlreadyIsNotPutIntoTheLayerAgain() throws Exception {
        write("tree/a/same", "s");
        write("tree/b/same", "s");
        write("tree/b/changed", "before");
        write("more/b/changed", "afterw");
        Files.createSymbolicLink(context.resolve("tree/b/link"), Path.of("same"));
        dockerfile("FROM scratch AS base", "COPY tree /", "FROM base", "COPY tree more /");
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(lastLayer()).containsExactly("drwxr-xr-x 0/0 b/", "-rw-r--r-- 0/0 b/changed");
        assertThat(content("b/changed")).isEqualTo("afterw");
        assertThat(content("a/same")).isEqualTo("s");
    }

    @Test
    void fileWithOtherModeOrContentOfTheSameSizeIsPutThereAgain() throws Exception {
        write("same", "1234");
        write("other/same", "abcd");
        Files.setLastModifiedTime(context.resolve("other/same"), Files.getLastModifiedTime(context.resolve("same")));
        dockerfile("FROM scratch", "COPY same /a", "COPY same /b", "COPY other/same /a", "COPY --chmod=600 same /b");
        build();

        assertThat(content("a")).isEqualTo("abcd");
        assertThat(list()).containsExactly("-rw-r--r-- 0/0 a", "-rw------- 0/0 b");
    }

    @Test
    void namedContextHasItsOwnIgnoreFile() throws Exception {
        Path other = Files.createDirectory(own.resolve("other"));
        Files.writeString(other.resolve("seen"), "s");
        Files.writeString(other.resolve("hidden"), "h");
        Files.writeString(other.resolve(".dockerignore"), "hidden\n");
        dockerfile("FROM scratch", "COPY --from=other [a-z]* /");
        Ended ended = build("--build-context", "other=" + other);

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(list()).containsExactly("-rw-r--r-- 0/0 seen");
    }

    @Test
    void buildWarnsOfASourceThatIsLeftOut() throws Exception {
        write("log.txt", "l");
        write(".dockerignore", "*.txt\n");
        dockerfile("FROM scratch", "COPY log.txt /");

        assertThat(build().err()).contains("CopyIgnoredFile", "log.txt");
    }

    @Test
    void archiveTakesThePlaceOfWhatIsThere() throws Exception {
        write("tree/usr/lib/kept", "k");
        Files.createSymbolicLink(context.resolve("tree/lib"), Path.of("usr/lib"));
        write("tree/data/old", "o");
        write("packed/lib/new", "n");
        write("packed/data", "d");
        Tool.run(context, "tar", "-cf", "packed.tar", "-C", "packed", "lib", "data");
        dockerfile("FROM scratch", "COPY tree /", "ADD packed.tar /");
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(list())
                .containsExactly(
                        "-rw-r--r-- 0/0 data",
                        "drwxr-xr-x 0/0 lib/",
                        "-rw-r--r-- 0/0 lib/new",
                        "drwxr-xr-x 0/0 usr/",
                        "drwxr-xr-x 0/0 usr/lib/",
                        "-rw-r--r-- 0/0 usr/lib/kept");
        assertThat(lastLayer()).containsExactly("-rw-r--r-- 0/0 data", "drwxr-xr-x 0/0 lib/", "-rw-r--r-- 0/0 lib/new");
    }

    @Test
    void laterEntryOfAnArchiveTakesThePlaceOfAnEarlierOne() throws Exception {
        write("one/it/inner", "i");
        write("two/it", "file");
        Tool.run(context, "tar", "-cf", "packed.tar", "-C", "one", "it", "-C", "../two", "it");
        dockerfile("FROM scratch", "ADD packed.tar /");
        Ended ended = build();

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(list()).containsExactly("-rw-r--r-- 0/0 it");
    }

    @Test
    void directoryThatAnArchiveHasReplacedDoesNotComeBack() throws Exception {
        write("tree/it/hidden", "h");
        write("one/it", "file");
        write("two/it/inner", "i");
        Tool.run(context, "tar", "-cf", "packed.tar", "-C", "one", "it", "-C", "../two", "it");
        dockerfile("FROM scratch", "COPY tree /", "ADD packed.tar /");

        assertThat(build().err()).contains("/it is a directory that this layer replaces, and cannot be one again.");
    }

    private void dockerfile(String... lines) throws IOException {
        write("Dockerfile", String.join("\n", lines) + "\n");
    }

    private void write(String path, String text) throws IOException {
        Path file = context.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /// The names in the image, as `tar` lists them, without sizes and times.
    private List<String> list() throws Exception {
        return Tool.run(own, "tar", "--numeric-owner", "-tvf", image.toString())
                .lines()
                .map(CopyTest::withoutSizeAndTime)
                .toList();
    }

    /// The same of the uppermost layer's own tar.
    private List<String> lastLayer() throws Exception {
        Path archive = own.resolve("oci.tar");
        build("--output", "type=oci,dest=" + archive);
        Path oci = Files.createDirectories(own.resolve("oci"));
        Tool.run(own, "tar", "-xf", archive.toString(), "-C", "oci");
        JsonNode index = Json.parse(Files.readAllBytes(oci.resolve("index.json")));
        JsonNode manifest =
                Json.parse(Files.readAllBytes(blob(oci, index.path("manifests").path(0))));
        JsonNode layers = manifest.path("layers");
        Path layer = blob(oci, layers.path(layers.size() - 1));
        return Tool.run(own, "tar", "--numeric-owner", "-tvzf", layer.toString())
                .lines()
                .map(CopyTest::withoutSizeAndTime)
                .toList();
    }

    private static Path blob(Path oci, JsonNode descriptor) {
        return oci.resolve("blobs/sha256")
                .resolve(Digest.parse(descriptor.path("digest").asText()).hex());
    }

    private static String withoutSizeAndTime(String line) {
        return line.replaceFirst(" +[0-9]+ [-0-9]+ [:0-9]+ ", " ");
    }

    private String content(String path) throws Exception {
        return Tool.run(own, "tar", "-xOf", image.toString(), path);
    }

    /// What the last line of a step says, which is shown with a number.
    private static String outcome(Ended ended, String step) {
        String number = ended.err()
                .lines()
                .filter(line -> line.endsWith(step))
                .findFirst()
                .map(line -> line.substring(0, line.indexOf(' ') + 1))
                .orElseThrow();
        return ended.err()
                .lines()
                .filter(line -> line.startsWith(number))
                .reduce((_, last) -> last.substring(number.length()))
                .orElseThrow();
    }

    private Ended build(String... flags) {
        List<String> all = new ArrayList<>(List.of(
                "build",
                "--progress=plain",
                "--cache-dir",
                own.resolve("cache").toString(),
                "--output",
                "type=tar,dest=" + image));
        all.addAll(List.of(flags));
        all.add(context.toString());
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        Map.of("HOME", own.toString()),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                all.toArray(String[]::new));
        return new Ended(status, err.toString(StandardCharsets.UTF_8));
    }
}
