package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigMapSourceTest {

    @TempDir
    private Path own;

    private Path mount;
    private Path work;

    @BeforeEach
    void makeFolders() throws IOException {
        mount = Files.createDirectory(own.resolve("mount"));
        work = Files.createDirectory(own.resolve("work"));
    }

    private SourceTree obtain() {
        return new ConfigMapSource(mount, "files", "spec.source.configMap").obtain(work);
    }

    /// As the kubelet lays it out.
    private void mounted(String key, byte[] content) throws IOException {
        Path moment = Files.createDirectories(mount.resolve("..2026_01_02_03_04_05.678"));
        Files.write(moment.resolve(key), content);
        if (!Files.exists(mount.resolve("..data"), LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(mount.resolve("..data"), moment.getFileName());
        }
        Files.createSymbolicLink(mount.resolve(key), Path.of("..data", key));
    }

    @Test
    void keysArePlainFilesAndNothingElseIsThere() throws IOException {
        mounted("Dockerfile", "FROM scratch\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        mounted("start.sh", "#!/bin/sh\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        mounted(".dockerignore", new byte[0]);
        mounted("logo.png", new byte[] {(byte) 0x89, 0, (byte) 0xff});
        SourceTree tree = obtain();
        try (Stream<Path> files = Files.list(tree.root())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("Dockerfile", "start.sh", ".dockerignore", "logo.png");
        }
        try (Stream<Path> files = Files.list(tree.root())) {
            assertThat(files).allSatisfy(file -> {
                assertThat(file)
                        .isRegularFile()
                        .satisfies(one -> assertThat(Files.isSymbolicLink(one)).isFalse());
                assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(Instant.EPOCH);
            });
        }
        assertThat(tree.root().resolve("logo.png")).hasBinaryContent(new byte[] {(byte) 0x89, 0, (byte) 0xff});
        assertThat(modes("start.sh")).isEqualTo("rwxr-xr-x");
        assertThat(modes("Dockerfile")).isEqualTo("rw-r--r--");
        assertThat(tree.time()).isEqualTo(Instant.EPOCH);
    }

    private String modes(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(work.resolve(name)));
    }

    @Test
    void oneThatIsMissingIsNamed() {
        BuildFailure failure = catchThrowableOfType(BuildFailure.class, this::obtain);
        assertThat(failure.reason()).isEqualTo(Reason.SourceNotFound);
        assertThat(failure)
                .hasMessage("spec.source.configMap: there is no ConfigMap \"files\" in the namespace, or it is empty."
                        + " Create it with: kubectl create configmap files --from-file=FOLDER");
    }
}
