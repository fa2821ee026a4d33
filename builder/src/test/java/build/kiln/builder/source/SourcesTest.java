package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sources that need no network.
class SourcesTest {

    @TempDir
    Path folder;

    private SourceTree inline(String... pathsAndTexts) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            files.put(pathsAndTexts[i], pathsAndTexts[i + 1]);
        }
        Path work = Files.createTempDirectory(folder, "work");
        return new InlineSource(files, "spec.source.inline.files").obtain(work);
    }

    private BuildFailure inlineFailure(String... pathsAndTexts) {
        return catchThrowableOfType(BuildFailure.class, () -> inline(pathsAndTexts));
    }

    private BuildFailure volumeFailure(String path) {
        return catchThrowableOfType(BuildFailure.class, () -> volume(path));
    }

    private SourceTree volume(String path) {
        return new VolumeSource(folder.resolve("volume"), new AskedPath(path, "spec.source.volume.path"))
                .obtain(folder);
    }

    @Test
    void inlineFilesAreWrittenWithModesAndTimesOfTheirOwn() throws IOException {
        SourceTree tree = inline("Dockerfile", "FROM scratch\n", "bin/run", "#!/bin/sh\n", "a/b/ä", "ü");
        assertThat(tree.root().resolve("a/b/ä")).hasContent("ü");
        assertThat(mode(tree, "Dockerfile")).isEqualTo("rw-r--r--");
        assertThat(mode(tree, "bin/run")).isEqualTo("rwxr-xr-x");
        assertThat(mode(tree, "a/b")).isEqualTo("rwxr-xr-x");
        assertThat(mode(tree, "")).isEqualTo("rwxr-xr-x");
        for (String path : new String[] {"", "Dockerfile", "a", "a/b"}) {
            assertThat(Files.getLastModifiedTime(tree.root().resolve(path)).toInstant())
                    .as(path)
                    .isEqualTo(Instant.EPOCH);
        }
        assertThat(tree.time()).isEqualTo(Instant.EPOCH);
    }

    private static String mode(SourceTree tree, String path) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(tree.root().resolve(path)));
    }

    @Test
    void inlinePathsThatClimbAreRefused() {
        BuildFailure failure = inlineFailure("a/../../etc/passwd", "x");
        assertThat(failure.reason()).isEqualTo(Reason.PathEscapes);
        assertThat(failure)
                .hasMessage("spec.source.inline.files: the path \"a/../../etc/passwd\" climbs with \"..\". Write a path"
                        + " that starts at the root of the build context, for example \"src/main.c\".");
        assertThat(inlineFailure("/etc/passwd", "x"))
                .hasMessage(
                        "spec.source.inline.files: the path \"/etc/passwd\" is absolute. Write a path that starts at"
                                + " the root of the build context, for example \"src/main.c\".");
    }

    @Test
    void inlinePathsInAnUnusualFormAreRefused() {
        for (String path : new String[] {"", "a//b", "a/", "./a", "a/./b", "a\0b"}) {
            assertThat(inlineFailure(path, "x").reason()).as(path).isEqualTo(Reason.RequestInvalid);
        }
        assertThat(inlineFailure("a//b", "x"))
                .hasMessage(
                        "spec.source.inline.files: the path \"a//b\" has an empty name, a \".\" or a NUL character in"
                                + " it. Write it in its simplest form, for example \"src/main.c\".");
    }

    @Test
    void aNameCannotBeAFileAndAFolder() {
        assertThat(inlineFailure("a/b/c", "x", "a/b", "y"))
                .hasMessage("spec.source.inline.files: \"a/b\" is a file, and a folder too, since there is \"a/b/c\"."
                        + " Give one of them another name.");
    }

    @Test
    void aFolderIsUsedWhereItLies() throws IOException {
        Path project = TestTree.of(folder.resolve("project"), "file");
        Files.createSymbolicLink(folder.resolve("link"), project);
        assertThat(new FolderSource(folder.resolve("link"), "CONTEXT")
                        .obtain(folder)
                        .root())
                .isEqualTo(project.toRealPath());
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class, () -> new FolderSource(folder.resolve("nothing"), "CONTEXT").obtain(folder));
        assertThat(failure)
                .hasMessage("CONTEXT: there is no folder \"" + folder.resolve("nothing")
                        + "\". Name the folder that holds the files to build from.");
        failure = catchThrowableOfType(
                BuildFailure.class, () -> new FolderSource(project.resolve("file"), "CONTEXT").obtain(folder));
        assertThat(failure)
                .hasMessage("CONTEXT: \"" + project.resolve("file")
                        + "\" is not a folder. Name the folder that holds the files to build from.");
    }

    @Test
    void aVolumeIsUsedFromAPathOnIt() throws IOException {
        Path volume = TestTree.of(folder.resolve("volume"), "team/web/file", "current -> team/web", "abs -> /team");
        assertThat(volume("").root()).isEqualTo(volume.toRealPath());
        assertThat(volume("team/web").root()).isEqualTo(volume.toRealPath().resolve("team/web"));
        assertThat(volume("/current").root()).isEqualTo(volume.toRealPath().resolve("team/web"));
        assertThat(volume("abs/web").root()).isEqualTo(volume.toRealPath().resolve("team/web"));
    }

    @Test
    void aPathThatLeavesTheVolumeIsRefused() throws IOException {
        TestTree.of(folder.resolve("volume"), "up -> ../other", "etc -> /etc");
        TestTree.of(folder.resolve("other"), "file");
        assertThat(volumeFailure("../other"))
                .hasMessage("spec.source.volume.path: \"../other\" climbs out of the volume. Name a path that stays"
                        + " inside.");
        assertThat(volumeFailure("up").reason()).isEqualTo(Reason.PathEscapes);
        assertThat(volumeFailure("etc"))
                .hasMessage("spec.source.volume.path: \"etc\" leads out of the volume, by the link \"etc\" to \"/etc\"."
                        + " Name a path that stays inside.");
    }

    @Test
    void aFolderThatTheVolumeLacksIsNamed() throws IOException {
        TestTree.of(folder.resolve("volume"), "team/web/file");
        assertThat(volumeFailure("team/wbe"))
                .hasMessage("spec.source.volume.path: there is no folder \"team/wbe\" in the volume. The nearest name"
                        + " there is \"team/web\". Correct the path; it starts at the root of the volume.");
        assertThat(volumeFailure("team/web/file"))
                .hasMessage("spec.source.volume.path: \"team/web/file\" is a file, not a folder. Name the folder it is"
                        + " in.");
    }
}
