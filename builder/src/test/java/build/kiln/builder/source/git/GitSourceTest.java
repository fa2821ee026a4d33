package build.kiln.builder.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource.Places;
import build.kiln.builder.source.git.GitSource.Reach;
import build.kiln.builder.source.git.GitSource.Submodules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Repositories of the real git, read from the disk.
class GitSourceTest {

    private static final Instant COMMITTED = Instant.parse("2024-05-06T07:08:09Z");

    @TempDir
    Path folder;

    private GitRepository repository;
    private int works;

    @BeforeEach
    void makeRepository() {
        repository = GitRepository.init(folder.resolve("repository"));
    }

    private SourceTree obtain(String revision) throws IOException {
        return obtain(repository.url(), revision, Submodules.LEFT_OUT);
    }

    private SourceTree obtain(String url, String revision, Submodules submodules) throws IOException {
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        return new GitSource(url, revision, submodules, Reach.MACHINE, null, Places.RESOURCE).obtain(work);
    }

    private BuildFailure failure(String revision) {
        return catchThrowableOfType(BuildFailure.class, () -> obtain(revision));
    }

    private static List<String> paths(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.map(one -> root.relativize(one).toString()).sorted().toList();
        }
    }

    private static String text(SourceTree tree, String path) throws IOException {
        return Files.readString(tree.root().resolve(path));
    }

    @Test
    void theHeadIsReadIfNoRevisionIsNamed() throws IOException {
        String commit = repository.commit("Dockerfile", "FROM scratch\n", "src/main.c", "int main;\n");
        SourceTree tree = obtain("");
        assertThat(tree.revision()).isEqualTo(commit);
        assertThat(tree.time()).isEqualTo(COMMITTED);
        assertThat(tree.warnings()).isEmpty();
        assertThat(paths(tree.root())).containsExactly("", "Dockerfile", "src", "src/main.c");
        assertThat(text(tree, "src/main.c")).isEqualTo("int main;\n");
        assertThat(tree.root().resolveSibling("repositories")).doesNotExist();
    }

    @Test
    void branchesTagsAndFullNamesAreRevisions() throws IOException {
        String first = repository.commit("file", "1");
        repository.git("tag", "light");
        repository.git("tag", "-a", "v1.0", "-m", "a release");
        String second = repository.commit("file", "2");
        repository.git("branch", "team/feature");
        repository.git("update-ref", "refs/pull/7/head", second);
        repository.commit("file", "3");

        assertThat(obtain("main").revision()).isEqualTo(repository.head());
        assertThat(obtain("light").revision()).isEqualTo(first);
        assertThat(obtain("v1.0").revision()).isEqualTo(first);
        assertThat(obtain("refs/tags/v1.0").revision()).isEqualTo(first);
        assertThat(obtain("team/feature").revision()).isEqualTo(second);
        assertThat(text(obtain("refs/pull/7/head"), "file")).isEqualTo("2");
    }

    @Test
    void commitsAreFoundByTheirWholeIdAndByItsStart() throws IOException {
        String first = repository.commit("file", "1");
        String second = repository.commit("file", "2");
        assertThat(text(obtain(first), "file")).isEqualTo("1");
        assertThat(text(obtain(first.substring(0, 8)), "file")).isEqualTo("1");
        assertThat(text(obtain(second.substring(0, 8)), "file")).isEqualTo("2");
        assertThat(obtain(first.substring(0, 8)).revision()).isEqualTo(first);
    }

    @Test
    void aBranchWinsOverATagOfTheSameName() throws IOException {
        String first = repository.commit("file", "1");
        repository.git("tag", "both");
        String second = repository.commit("file", "2");
        repository.git("branch", "both");
        SourceTree tree = obtain("both");
        assertThat(tree.revision()).isEqualTo(second);
        assertThat(tree.warnings())
                .containsExactly("\"both\" is a branch and a tag in " + repository.url()
                        + ": the branch was built. Name \"refs/tags/both\" for the tag.");
        assertThat(obtain("refs/tags/both").revision()).isEqualTo(first);
    }

    @Test
    void modesLinksAndTimesAreThoseOfTheCommit() throws IOException {
        Files.createDirectories(repository.folder().resolve("bin"));
        Path script = repository.folder().resolve("bin/run");
        Files.writeString(script, "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path group = Files.writeString(repository.folder().resolve("group"), "x");
        Files.setPosixFilePermissions(group, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.createSymbolicLink(repository.folder().resolve("link"), Path.of("../../out"));
        repository.git("config", "core.symlinks", "true");
        repository.commit();

        Path root = obtain("main").root();
        assertThat(mode(root.resolve("bin/run"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(root.resolve("group"))).isEqualTo("rw-r--r--");
        assertThat(mode(root.resolve("bin"))).isEqualTo("rwxr-xr-x");
        assertThat(Files.readSymbolicLink(root.resolve("link"))).hasToString("../../out");
        for (String path : List.of("", "bin", "bin/run", "link")) {
            assertThat(Files.getLastModifiedTime(root.resolve(path), java.nio.file.LinkOption.NOFOLLOW_LINKS)
                            .toInstant())
                    .as(path)
                    .isEqualTo(COMMITTED);
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void filesAreAsTheyAreStored() throws IOException {
        repository.git("config", "core.autocrlf", "false");
        repository.commit("crlf.txt", "a\r\nb\r\n", "lf.txt", "a\nb\n");
        repository.commit(".gitattributes", "*.txt text eol=crlf\n*.secret filter=danger\n", "x.secret", "plain");
        SourceTree tree = obtain("main");
        assertThat(text(tree, "lf.txt")).isEqualTo("a\nb\n");
        assertThat(text(tree, "x.secret")).isEqualTo("plain");
    }

    @Test
    void namesThatAreNotUtf8Survive() throws IOException {
        byte[] name = {'c', 'a', 'f', (byte) 0xe9};
        Files.writeString(repository.folder().resolve(build.kiln.builder.source.PathBytes.relative(name)), "latin");
        repository.commit();
        Path root = obtain("main").root();
        assertThat(root.resolve(build.kiln.builder.source.PathBytes.relative(name)))
                .exists();
    }

    @Test
    void anEmptyRepositoryHasNoHead() {
        assertThat(failure(""))
                .hasMessage("spec.source.git.revision: " + repository.url() + " has no HEAD: it has no commit, or HEAD"
                        + " points at no branch. Push a commit, or name a branch.");
    }

    @Test
    void aMissingRevisionIsNamedWithTheNearestOnes() {
        repository.commit("file", "1");
        repository.git("branch", "release-1.2");
        repository.git("tag", "release-1.0");
        BuildFailure failure = failure("relase-1.2");
        assertThat(failure.reason()).isEqualTo(Reason.RevisionNotFound);
        assertThat(failure)
                .hasMessage("spec.source.git.revision: " + repository.url()
                        + " has no branch, tag or commit \"relase-1.2\". The nearest names are branch \"release-1.2\","
                        + " tag \"release-1.0\". Correct the revision, or push it.");
    }

    @Test
    void aMissingCommitIsNamed() {
        repository.commit("file", "1");
        String id = "0123456789012345678901234567890123456789";
        assertThat(failure(id))
                .hasMessage("spec.source.git.revision: " + repository.url() + " has no branch, tag or commit \"" + id
                        + "\". Correct the revision, or push it.");
        assertThat(failure("0123456")).hasMessageContaining("has no branch, tag or commit \"0123456\".");
    }

    @Test
    void aTagOfAFileIsNoCommit() {
        repository.commit("file", "1");
        repository.git("tag", "blob", repository.git("rev-parse", "HEAD:file"));
        assertThat(failure("blob"))
                .hasMessage("spec.source.git.revision: \"blob\" is not a commit in " + repository.url()
                        + ". Name a branch, a tag, or the id of a commit.");
    }

    @Test
    void aMissingRepositoryIsNamed() {
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class, () -> obtain("file://" + folder.resolve("nothing"), "main", Submodules.LEFT_OUT));
        assertThat(failure.reason()).isEqualTo(Reason.SourceNotFound);
        assertThat(failure)
                .hasMessage("spec.source.git.url: there is no git repository at file://" + folder.resolve("nothing")
                        + ". Correct the URL; if the repository is private, name a Secret with credentials in"
                        + " spec.source.git.credentialsSecret.");
    }

    @Test
    void filesOfTheMachineAreOutOfReachOfAResource() {
        repository.commit("file", "1");
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class,
                () -> new GitSource(repository.url(), "", Submodules.LEFT_OUT, Reach.NETWORK, null, Places.RESOURCE)
                        .obtain(folder.resolve("work")));
        assertThat(failure.reason()).isEqualTo(Reason.RequestInvalid);
        assertThat(failure)
                .hasMessage("spec.source.git.url: \"" + repository.url() + "\" is not the address of a git repository"
                        + " that can be reached over the network. Write https://HOST/PATH, ssh://USER@HOST/PATH or"
                        + " USER@HOST:PATH.");
    }

    @Test
    void submodulesAreFetchedOnlyIfAskedFor() throws IOException {
        GitRepository inner = GitRepository.init(folder.resolve("inner"));
        inner.commit("leaf", "leaf");
        GitRepository middle = GitRepository.init(folder.resolve("middle"));
        middle.git("submodule", "add", "-q", "../inner", "deep/inner");
        middle.commit("mid", "mid");
        repository.git("submodule", "add", "-q", middle.url(), "libs/middle");
        repository.commit("top", "top");
        inner.commit("leaf", "newer");

        assertThat(paths(obtain("main").root())).containsExactly("", ".gitmodules", "libs", "libs/middle", "top");
        SourceTree tree = obtain(repository.url(), "main", Submodules.FETCHED);
        assertThat(paths(tree.root()))
                .containsExactly(
                        "",
                        ".gitmodules",
                        "libs",
                        "libs/middle",
                        "libs/middle/.gitmodules",
                        "libs/middle/deep",
                        "libs/middle/deep/inner",
                        "libs/middle/deep/inner/leaf",
                        "libs/middle/mid",
                        "top");
        assertThat(text(tree, "libs/middle/deep/inner/leaf")).isEqualTo("leaf");
        assertThat(Files.getLastModifiedTime(tree.root().resolve("libs/middle/mid"))
                        .toInstant())
                .isEqualTo(COMMITTED);
    }

    @Test
    void aSubmoduleThatIsGoneIsNamed() throws IOException {
        GitRepository inner = GitRepository.init(folder.resolve("inner"));
        inner.commit("leaf", "leaf");
        repository.git("submodule", "add", "-q", inner.url(), "inner");
        repository.commit();
        Files.move(inner.folder(), folder.resolve("gone"));
        BuildFailure failure =
                catchThrowableOfType(BuildFailure.class, () -> obtain(repository.url(), "main", Submodules.FETCHED));
        assertThat(failure)
                .hasMessageStartingWith("spec.source.git.url: there is no git repository at " + inner.url() + ".");
    }

    @Test
    void pointersOfLargeFilesAreWarnedOf() throws IOException {
        repository.commit(
                "model.bin",
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa"
                        + "5e2ca24d17e2393\nsize 12345\n");
        assertThat(obtain("main").warnings())
                .containsExactly(
                        "\"model.bin\" is a pointer of git's large file storage (LFS). Kiln does not fetch what"
                                + " they point at: the image gets the pointers.");
    }

    @Test
    void aForbiddenNameInACommitIsRefused() throws IOException {
        repository.commit("file", "1");
        String blob = repository.git("rev-parse", "HEAD:file");
        for (String name : List.of("..", ".git")) {
            byte[] start = ("100644 " + name + "\0").getBytes(StandardCharsets.UTF_8);
            byte[] id = java.util.HexFormat.of().parseHex(blob);
            Path object = Files.write(folder.resolve("tree"), start);
            Files.write(object, id, java.nio.file.StandardOpenOption.APPEND);
            String tree = repository.git("hash-object", "-t", "tree", "-w", "--literally", object.toString());
            String commit = repository.git("commit-tree", "-m", "evil", tree);
            repository.git("update-ref", "refs/heads/evil", commit);
            assertThat(failure("evil"))
                    .hasMessage("spec.source.git.url: commit " + commit + " of " + repository.url()
                            + " has a file with the forbidden name \"" + name + "\". Correct it in the repository, and"
                            + " push.");
        }
    }

    @Test
    void aLinkWithTheNameOfAFolderLeadsNothingOut() throws IOException {
        repository.commit("file", "1");
        Path outside = Files.createDirectory(folder.resolve("outside"));
        String blob = repository.git("rev-parse", "HEAD:file");
        Path target = Files.writeString(folder.resolve("target"), outside.toString());
        String link = repository.git("hash-object", "-w", target.toString());
        byte[] idOfBlob = java.util.HexFormat.of().parseHex(blob);
        Path inner = Files.write(folder.resolve("inner-tree"), "100644 evil\0".getBytes(StandardCharsets.UTF_8));
        Files.write(inner, idOfBlob, java.nio.file.StandardOpenOption.APPEND);
        String innerTree = repository.git("hash-object", "-t", "tree", "-w", inner.toString());
        Path outer = Files.write(folder.resolve("outer-tree"), "120000 a\0".getBytes(StandardCharsets.UTF_8));
        var append = java.nio.file.StandardOpenOption.APPEND;
        Files.write(outer, java.util.HexFormat.of().parseHex(link), append);
        Files.write(outer, "40000 a\0".getBytes(StandardCharsets.UTF_8), append);
        Files.write(outer, java.util.HexFormat.of().parseHex(innerTree), append);
        String tree = repository.git("hash-object", "-t", "tree", "-w", "--literally", outer.toString());
        repository.git("update-ref", "refs/heads/evil", repository.git("commit-tree", "-m", "evil", tree));
        assertThat(failure("evil").reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(outside).isEmptyDirectory();
    }

    private SourceTree wanted(GitSource.Wanted wanted) throws IOException {
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        return new GitSource(repository.url(), wanted, Reach.MACHINE, null, Places.RESOURCE).obtain(work);
    }

    private static GitSource.Wanted withGitFolder(String revision) {
        return new GitSource.Wanted(revision, null, GitSource.Ids.WHOLE, Submodules.LEFT_OUT, GitSource.GitFolder.KEPT);
    }

    @Test
    void theGitFolderThatIsKeptIsAShallowCloneThatGitFindsNoFaultWith() throws IOException {
        repository.commit("a", "1\n");
        String commit = repository.commit("a", "2\n", "b/c", "3\n");
        repository.git("tag", "-a", "-m", "first", "v1");
        SourceTree tree = wanted(withGitFolder("v1"));
        GitRepository clone = new GitRepository(tree.root());
        assertThat(clone.head()).isEqualTo(commit);
        assertThat(clone.git("status", "--porcelain")).isEmpty();
        assertThat(clone.git("describe")).isEqualTo("v1");
        assertThat(clone.git("rev-list", "--count", "HEAD")).isEqualTo("1");
        assertThat(clone.git("fsck", "--strict")).isEmpty();
        assertThat(clone.git("remote", "get-url", "origin")).isEqualTo(repository.url());
    }

    @Test
    void equalCommitsGiveEqualGitFolders() throws IOException {
        for (int i = 0; i < 20; i++) {
            repository.commit("file" + i, "some text that is much the same in each file\n".repeat(i + 1));
        }
        SourceTree loose = wanted(withGitFolder("main"));
        repository.git("gc", "-q", "--aggressive");
        SourceTree packed = wanted(withGitFolder("main"));
        for (String path : paths(loose.root().resolve(".git"))) {
            Path file = loose.root().resolve(".git").resolve(path);
            Path other = packed.root().resolve(".git").resolve(path);
            assertThat(Files.getLastModifiedTime(other)).isEqualTo(Files.getLastModifiedTime(file));
            if (Files.isRegularFile(file)) {
                assertThat(other).hasSameBinaryContentAs(file);
            }
        }
    }

    @Test
    void anotherCommitThanWasPromisedIsRefused() {
        String first = repository.commit("a", "1\n");
        String second = repository.commit("a", "2\n");
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class,
                () -> wanted(new GitSource.Wanted(
                        "main",
                        first.substring(0, 8),
                        GitSource.Ids.WHOLE,
                        Submodules.LEFT_OUT,
                        GitSource.GitFolder.LEFT_OUT)));
        assertThat(failure.reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(failure)
                .hasMessage("spec.source.git.revision: \"main\" of " + repository.url() + " is the commit " + second
                        + ", and should be " + first.substring(0, 8)
                        + ". If it was moved on purpose, write the id of its new commit.");
    }

    @Test
    void whereWholeIdsAreAskedForTheStartOfOneIsNoRevision() {
        String commit = repository.commit("a", "1\n");
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class, () -> wanted(GitSource.Wanted.of(commit.substring(0, 8), Submodules.LEFT_OUT)));
        assertThat(failure.reason()).isEqualTo(Reason.RevisionNotFound);
    }

    @Test
    void theIdentityOfABranchIsItsCommitAndNothingIsFetchedForIt() throws IOException {
        String commit = repository.commit("a", "1\n");
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        GitSource source = new GitSource(
                repository.url(),
                GitSource.Wanted.of("main", Submodules.LEFT_OUT),
                Reach.MACHINE,
                null,
                Places.RESOURCE);
        assertThat(source.identity(work)).contains(commit);
        assertThat(paths(work)).containsExactly("");
    }

    @Test
    void idThatDoesNotBeginAsItHasToIsNotTakenForTheRevisions() throws IOException {
        String commit = repository.commit("a", "1\n");
        assertThat(identity("main", commit.substring(0, 10))).contains(commit);
        assertThat(identity("main", "0123456789")).isEmpty();
        assertThat(identity(commit, "0123456789")).isEmpty();
    }

    private Optional<String> identity(String revision, String checksum) throws IOException {
        GitSource.Wanted wanted = new GitSource.Wanted(
                revision, checksum, GitSource.Ids.WHOLE, Submodules.LEFT_OUT, GitSource.GitFolder.LEFT_OUT);
        return new GitSource(repository.url(), wanted, Reach.MACHINE, null, Places.RESOURCE)
                .identity(Files.createDirectory(folder.resolve("work" + works++)));
    }
}
