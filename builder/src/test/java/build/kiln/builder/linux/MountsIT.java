package build.kiln.builder.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.sandbox.InNamespaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InNamespaces
class MountsIT {

    @TempDir
    Path folder;

    @Test
    void tmpfsIsMountedAndUnmounted() throws Exception {
        byte[] target = NativePath.of(folder);
        Mounts.mount(bytes("tmpfs"), target, "tmpfs", Set.of(MountFlag.NO_DEVICES), bytes("size=1m,mode=755"));
        assertThat(FileSystemStatus.of(target).isTmpfs()).isTrue();
        assertThat(FileSystemStatus.of(target).totalBytes()).isEqualTo(1 << 20);
        Mounts.unmount(target);
        assertThat(FileSystemStatus.of(target).isTmpfs()).isFalse();
    }

    @Test
    void overlayOfManyLayersGoesBeyondFourKilobytesOfOptions() throws Exception {
        Path merged = Files.createDirectory(folder.resolve("merged"));
        try (Mounts.FileSystemContext context = Mounts.open("overlay")) {
            for (int i = 0; i < 200; i++) {
                Path layer = Files.createDirectory(folder.resolve("layer-with-a-rather-long-name-" + i));
                Files.writeString(layer.resolve("file" + i), "x");
                context.set("lowerdir+", NativePath.of(layer));
            }
            context.set("userxattr");
            context.mountAt(NativePath.of(merged));
        }
        try (var names = Files.list(merged)) {
            assertThat(names).hasSize(200);
        }
        Mounts.unmount(NativePath.of(merged));
    }

    @Test
    void openDirectoryIsBoundWithoutItsPath() throws Exception {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.writeString(source.resolve("file"), "x");
        Path target = Files.createDirectory(folder.resolve("target"));
        try (Directory directory = Directory.open(source)) {
            Mounts.bind(directory, NativePath.of(target));
        }
        assertThat(target.resolve("file")).hasContent("x");
        Mounts.unmount(NativePath.of(target));
        assertThat(target.resolve("file")).doesNotExist();
    }

    @Test
    void refusedMountIsNamed() {
        assertThatThrownBy(() -> Mounts.mount(bytes("x"), bytes("/nowhere"), "tmpfs", Set.of(), new byte[0]))
                .isInstanceOf(SystemCallFailure.class)
                .hasMessage("mount \"/nowhere\": no such file or directory (ENOENT)");
    }

    @Test
    void whiteoutsCanBeMadeAnywhere() throws Exception {
        try (Directory directory = Directory.open(folder)) {
            directory.makeNode(bytes("gone"), FileType.CHARACTER_DEVICE, 0, DeviceNumber.NONE);
            assertThat(directory.status(bytes("gone")).isOverlayWhiteout()).isTrue();
            directory.chown(bytes("gone"), 65535, 12345);
            assertThat(directory.status(bytes("gone")).uid()).isEqualTo(65535);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
