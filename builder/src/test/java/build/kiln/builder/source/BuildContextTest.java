package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildContextTest {

    @TempDir
    Path folder;

    private BuildContext context(String... lines) throws IOException {
        return BuildContext.open(TestTree.of(folder.resolve("context"), lines), DockerIgnore.NOTHING);
    }

    private BuildContext context(DockerIgnore rules, String... lines) throws IOException {
        return BuildContext.open(TestTree.of(folder.resolve("context"), lines), rules);
    }

    private static List<String> names(BuildContext context, String pattern) {
        return context.select(pattern, DockerIgnore.NOTHING, "Dockerfile:2").stream()
                .map(one -> one.name().toString())
                .toList();
    }

    private static SourceFailure failure(BuildContext context, String pattern) {
        return catchThrowableOfType(
                SourceFailure.class, () -> context.select(pattern, DockerIgnore.NOTHING, "Dockerfile:2"));
    }

    @Test
    void aWalkGivesDirectoriesFirstAndNamesInByteOrder() throws IOException {
        BuildContext context = context("b/z", "b/a", "b.txt", "B", "a/deep/er/file", "empty/", "é");
        assertThat(TestTree.paths(context, "."))
                .containsExactly(
                        ":",
                        ":B",
                        ":a",
                        ":a/deep",
                        ":a/deep/er",
                        ":a/deep/er/file",
                        ":b",
                        ":b/a",
                        ":b/z",
                        ":b.txt",
                        ":empty",
                        ":é");
    }

    @Test
    void everySpellingOfTheRootIsTheWholeContext() throws IOException {
        BuildContext context = context("a");
        for (String pattern : List.of(".", "./", "/", "", "/.", "x/..")) {
            assertThat(TestTree.paths(context, pattern)).as(pattern).containsExactly(":", ":a");
        }
    }

    @Test
    void aDirectoryStandsForItsContentWithOrWithoutASlash() throws IOException {
        BuildContext context = context("src/main.c", "src/lib/x.c");
        for (String pattern : List.of("src", "src/", "/src", "./src/.", "src/lib/..")) {
            assertThat(TestTree.paths(context, pattern))
                    .as(pattern)
                    .containsExactly("src:", "src:lib", "src:lib/x.c", "src:main.c");
        }
    }

    @Test
    void wildcardsStayWithinOneName() throws IOException {
        BuildContext context =
                context("bar.go", "foo.go", "foo.c", "sub/dir1/dir2/foo", "sub/x/dir2/foo", "sub/top.go");
        assertThat(names(context, "*.go")).containsExactly("bar.go", "foo.go");
        assertThat(names(context, "f??.go")).containsExactly("foo.go");
        assertThat(names(context, "[a-e]*")).containsExactly("bar.go");
        assertThat(names(context, "[^a-e]*")).containsExactly("foo.c", "foo.go", "sub");
        assertThat(TestTree.paths(context, "sub/*/dir2/foo")).containsExactly("foo:", "foo:");
        assertThat(names(context, "sub/*")).containsExactly("dir1", "top.go", "x");
    }

    @Test
    void wildcardsMayMatchNothing() throws IOException {
        assertThat(names(context("a"), "nothing*")).isEmpty();
        assertThat(names(context("a"), "missing/*.txt")).isEmpty();
    }

    @Test
    void aBackslashTakesAWildcardsMeaning() throws IOException {
        BuildContext context = context("pages/[id].js", "pages/i.js");
        assertThat(names(context, "pages/[[]id].js")).containsExactly("[id].js");
        assertThat(names(context, "pages/[id].js")).containsExactly("i.js");
        assertThat(names(context, "pages/\\[id].j*")).containsExactly("[id].js");
    }

    @Test
    void aSourceThatIsALinkIsFollowedAndKeepsItsName() throws IOException {
        BuildContext context =
                context("foo -> bar", "bar", "sub/l0 -> file", "sub/file", "sub/l1 -> second", "sub/second -> ../bar");
        Selected foo =
                context.select("foo", DockerIgnore.NOTHING, "Dockerfile:2").getFirst();
        assertThat(foo.name()).hasToString("foo");
        assertThat(foo.file().kind()).isEqualTo(FileKind.FILE);
        assertThat(new String(foo.file().open().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("content of bar");
        assertThat(context.select("sub/l*", DockerIgnore.NOTHING, "Dockerfile:2"))
                .extracting(one -> one.name() + " " + one.path())
                .containsExactly("l0 sub/file", "l1 bar");
    }

    @Test
    void pathsLeadThroughLinkedFoldersAndAbsoluteLinksStartAtTheRoot() throws IOException {
        BuildContext context = context("link -> sub", "sub/foo", "deep/abs -> /sub/foo");
        assertThat(TestTree.paths(context, "link/foo")).containsExactly("foo:");
        assertThat(TestTree.paths(context, "link/*")).containsExactly("foo:");
        assertThat(TestTree.paths(context, "deep/abs")).containsExactly("abs:");
    }

    @Test
    void linksBelowASourceStayLinks() throws IOException {
        BuildContext context = context("foo/sub -> ../../outside", "foo/file");
        List<String> links = new ArrayList<>();
        Selected foo =
                context.select("foo", DockerIgnore.NOTHING, "Dockerfile:2").getFirst();
        context.walk(foo, file -> {
            if (file.kind() == FileKind.SYMLINK) {
                links.add(file.path() + " " + new String(file.linkTargetBytes(), StandardCharsets.UTF_8));
            }
        });
        assertThat(links).containsExactly("sub ../../outside");
    }

    @Test
    void dotsThatClimbOutAreRefused() throws IOException {
        SourceFailure failure = failure(context("a"), "b/../../a");
        assertThat(failure.reason()).isEqualTo(Reason.PathEscapes);
        assertThat(failure)
                .hasMessage(
                        "Dockerfile:2: \"b/../../a\" climbs out of the build context with \"..\". Only files below its"
                                + " root can be copied; move the file there, or build from a folder higher up.");
    }

    @Test
    void linksThatClimbOutAreRefused() throws IOException {
        BuildContext context = context("up -> ../../etc", "abs -> /etc/passwd", "dir/way -> ../../etc");
        assertThat(failure(context, "up"))
                .hasMessage(
                        "Dockerfile:2: \"up\" is a link to \"../../etc\", which is outside of the build context. Only"
                                + " files below its root can be copied; move the file there, or build from a folder higher"
                                + " up.");
        assertThat(failure(context, "abs").reason()).isEqualTo(Reason.PathEscapes);
        assertThat(failure(context, "a*").reason()).isEqualTo(Reason.PathEscapes);
        assertThat(failure(context, "dir/way/passwd"))
                .hasMessageStartingWith("Dockerfile:2: \"dir/way/passwd\" goes through \"dir/way\", a link to"
                        + " \"../../etc\", which is outside of the build context.");
    }

    @Test
    void inARootFileSystemNothingClimbsOut() throws IOException {
        Path root = TestTree.of(folder.resolve("root"), "bin -> usr/bin", "usr/bin/sh", "up -> ../../usr/bin/sh");
        BuildContext stage = BuildContext.ofRootFileSystem(root, "stage \"build\"");
        assertThat(TestTree.paths(stage, "/bin/sh")).containsExactly("sh:");
        assertThat(TestTree.paths(stage, "/up")).containsExactly("up:");
        assertThat(TestTree.paths(stage, "../bin/sh")).containsExactly("sh:");
        assertThat(stage.owners()).isEqualTo(BuildContext.Owners.KEPT);
        assertThat(failure(stage, "/usr/bin/ssh"))
                .hasMessage("Dockerfile:2: \"usr/bin/ssh\" is not in stage \"build\". The nearest name there is"
                        + " \"usr/bin/sh\". Correct the path, or add the file; paths start at the root of stage"
                        + " \"build\".");
    }

    @Test
    void aMissingFileIsNamedWithItsNearestNeighbour() throws IOException {
        SourceFailure failure = failure(context("target/app.jar", "other"), "target/ap.jar");
        assertThat(failure.reason()).isEqualTo(Reason.FileNotFound);
        assertThat(failure)
                .hasMessage("Dockerfile:2: \"target/ap.jar\" is not in the build context. The nearest name there is"
                        + " \"target/app.jar\". Correct the path, or add the file; paths start at the root of the build"
                        + " context.");
    }

    @Test
    void aMissingFolderIsNamed() throws IOException {
        assertThat(failure(context("src/a"), "scr/a"))
                .hasMessage("Dockerfile:2: \"scr/a\" is not in the build context: there is no \"scr\". The nearest name"
                        + " there is \"src\". Correct the path, or add the file; paths start at the root of the build"
                        + " context.");
        assertThat(failure(context("file"), "file/a"))
                .hasMessage("Dockerfile:2: \"file/a\" is not in the build context. Correct the path, or add the file;"
                        + " paths start at the root of the build context.");
    }

    @Test
    void aFileThatTheRulesLeaveOutNamesTheRule() throws IOException {
        BuildContext context = context(IgnoredNames.of("target", "secret"), "target/app.jar", "secret", "l -> secret");
        assertThat(failure(context, "target/app.jar"))
                .hasMessage("Dockerfile:2: \"target/app.jar\" is not in the build context: the file is there, but"
                        + " .dockerignore line 4 (\"rule\") leaves it out. Remove that line, or add the line"
                        + " \"!target/app.jar\" below it.");
        assertThat(failure(context, "target").reason()).isEqualTo(Reason.FileNotFound);
        assertThat(failure(context, "l")).hasMessageContaining("add the line \"!secret\" below it");
        assertThat(names(context, "s*")).isEmpty();
    }

    @Test
    void aDirectoryThatIsLeftOutShowsIfSomethingInItIsKept() throws IOException {
        BuildContext context = context(
                IgnoredNames.of("a", "b", "c", "!b/keep/me", "!b/zz"),
                "a/x",
                "b/drop",
                "b/keep/me",
                "b/keep/not",
                "b/zz",
                "c/d/e");
        assertThat(TestTree.paths(context, ".")).containsExactly(":", ":b", ":b/keep", ":b/keep/me", ":b/zz");
        assertThat(names(context, "*")).containsExactly("b");
        assertThat(failure(context, "c").reason()).isEqualTo(Reason.FileNotFound);
    }

    @Test
    void theLineOfTheDockerignoreIsNamed() throws IOException {
        String rules = "# built things\n\nnode_modules\n*.jar\ntarget\n!target/app.jar\n";
        BuildContext context = context(
                IgnoreFile.parse(".dockerignore", rules.getBytes(StandardCharsets.UTF_8)),
                "app.jar",
                "target/app.jar",
                "target/x",
                "node_modules/a/b",
                "src/main.c");
        assertThat(TestTree.paths(context, "."))
                .containsExactly(":", ":src", ":src/main.c", ":target", ":target/app.jar");
        assertThat(failure(context, "app.jar"))
                .hasMessage(
                        "Dockerfile:2: \"app.jar\" is not in the build context: the file is there, but .dockerignore"
                                + " line 4 (\"*.jar\") leaves it out. Remove that line, or add the line \"!app.jar\" below it.");
        assertThat(failure(context, "node_modules/a"))
                .hasMessageContaining(".dockerignore line 3 (\"node_modules\") leaves it out.");
    }

    @Test
    void excludesAreRelativeToTheSource() throws IOException {
        BuildContext context = context("dir/a.txt", "dir/sub/a.txt", "a.txt", "b.txt");
        assertThat(TestTree.paths(context, "dir", IgnoredNames.of("a.txt")))
                .containsExactly("dir:", "dir:sub", "dir:sub/a.txt");
        assertThat(TestTree.paths(context, "*.txt", IgnoredNames.of("a.txt"))).containsExactly("b.txt:");
    }

    @Test
    void aPatternThatIsNotWellFormedIsRefused() throws IOException {
        assertThat(failure(context("a"), "src/[a-"))
                .hasMessage(
                        "Dockerfile:2: \"src/[a-\" is not a pattern: \"[\" has no \"]\". Write [[] for a bracket that"
                                + " is part of a name, and \\\\ for a backslash.");
    }

    @Test
    void linksInACircleAreNamed() throws IOException {
        assertThat(failure(context("a -> b", "b -> a"), "a"))
                .hasMessage(
                        "Dockerfile:2: \"a\" cannot be followed: the link \"a\" leads in a circle. Let the link name"
                                + " a file.");
    }

    @Test
    void namesThatAreNotUtf8Survive() throws IOException {
        BuildContext context = context("dir/");
        byte[] name = {'c', 'a', 'f', (byte) 0xe9};
        Files.writeString(context.root().resolve("dir").resolve(PathBytes.relative(name)), "latin");
        Files.createSymbolicLink(context.root().resolve("dir/link"), PathBytes.relative(name));
        List<byte[]> bytes = new ArrayList<>();
        Selected dir =
                context.select("dir", DockerIgnore.NOTHING, "Dockerfile:2").getFirst();
        context.walk(
                dir, file -> bytes.add(file.kind() == FileKind.SYMLINK ? file.linkTargetBytes() : file.pathBytes()));
        assertThat(bytes).containsExactly(new byte[0], name, name);
        assertThat(names(context, "dir/c*")).hasSize(1);
        assertThat(context.select("dir/c*", DockerIgnore.NOTHING, "Dockerfile:2")
                        .getFirst()
                        .nameBytes())
                .isEqualTo(name);
    }

    @Test
    void aSocketCountsAsAnEmptyFile() throws IOException {
        BuildContext context = context("a");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(context.root().resolve("socket")));
            ContextFile file = context.select("socket", DockerIgnore.NOTHING, "Dockerfile:2")
                    .getFirst()
                    .file();
            assertThat(file.kind()).isEqualTo(FileKind.FILE);
            assertThat(file.sizeBytes()).isZero();
            assertThat(file.open().readAllBytes()).isEmpty();
        }
    }

    @Test
    void aFileThatBecameALinkMeanwhileIsNotFollowed() throws IOException {
        BuildContext context = context("dir/file", "other/file");
        ContextFile file = context.select("dir/file", DockerIgnore.NOTHING, "Dockerfile:2")
                .getFirst()
                .file();
        Files.move(context.root().resolve("dir"), folder.resolve("moved"));
        Files.createSymbolicLink(context.root().resolve("dir"), folder.resolve("moved"));
        assertThatThrownBy(file::open).isInstanceOf(IOException.class).hasMessageContaining("ELOOP");
    }

    @Test
    void aFileThatWasChangedMeanwhileIsNotRead() throws IOException {
        BuildContext context = context("file");
        ContextFile file = context.select("file", DockerIgnore.NOTHING, "Dockerfile:2")
                .getFirst()
                .file();
        Files.writeString(context.root().resolve("file"), "something else");
        assertThatThrownBy(file::open)
                .hasMessage(context.root().resolve("file") + ": it was changed while the build was reading it");
    }

    @Test
    void theNewestTimeIsThatOfWhatIsNotLeftOut() throws IOException {
        BuildContext context = context(IgnoredNames.of("new"), "old", "new");
        Instant time = Instant.parse("2020-02-03T04:05:06.000000007Z");
        Files.setLastModifiedTime(context.root().resolve("old"), FileTime.from(time));
        assertThat(context.newestFileTime()).contains(time);
        assertThat(BuildContext.open(TestTree.of(folder.resolve("empty")), DockerIgnore.NOTHING)
                        .newestFileTime())
                .isEmpty();
    }

    @Test
    void aContextThatIsNotAFolderIsNamed() throws IOException {
        TestTree.of(folder, "file");
        SourceFailure failure = catchThrowableOfType(
                SourceFailure.class, () -> BuildContext.open(folder.resolve("file"), DockerIgnore.NOTHING));
        assertThat(failure)
                .hasMessage("The folder of the build context, \"" + folder.resolve("file")
                        + "\", is not there or is not a folder. Name a folder that exists.");
    }
}
