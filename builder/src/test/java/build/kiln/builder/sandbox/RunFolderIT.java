package build.kiln.builder.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InNamespaces
class RunFolderIT {

    @TempDir
    private Path own;

    @Test
    void nothingIsLeftAndWhatWasMountedStays() throws Exception {
        Path cache = Files.createDirectory(own.resolve("cache"));
        Files.writeString(cache.resolve("file"), "kept");
        try (Directory directory = Directory.open(cache)) {
            RunFolder folder = RunFolder.make(own);
            folder.inMemory("s3cret".getBytes(UTF_8), 0400);
            assertThat(folder.mounted(directory).resolve("file")).hasContent("kept");
            folder.close();
            assertThat(folder.path()).doesNotExist();
        }
        assertThat(cache.resolve("file")).hasContent("kept");
    }

    @Test
    void secretsAreGoneAlsoIfAMountCannotBeEnded() throws Exception {
        Path cache = Files.createDirectory(own.resolve("cache"));
        try (Directory directory = Directory.open(cache)) {
            RunFolder folder = RunFolder.make(own);
            Path stuck = folder.mounted(directory);
            Path other = folder.mounted(directory);
            Path secret = folder.inMemory("s3cret".getBytes(UTF_8), 0400);
            Mounts.detach(NativePath.of(stuck)); // so that it cannot be done again
            Files.writeString(cache.resolve("file"), "kept");

            assertThatThrownBy(folder::close).hasMessageContaining("EINVAL");
            assertThat(secret).doesNotExist();
            assertThat(other).as("no longer mounted").isEmptyDirectory();
            assertThat(cache.resolve("file")).hasContent("kept");
        }
    }
}
