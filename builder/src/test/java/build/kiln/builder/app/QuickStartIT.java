package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.FakeRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What would make every start of the builder slower is not done.
@InNamespaces
class QuickStartIT {

    @TempDir
    private Path folder;

    /// Whoever looks for a class or a service that is nowhere opens all jars, up to the last one. When the tags are
    /// moved,
    /// nearly all has been done that a build does.
    @Test
    void aBuildLooksForNothingThatIsInNoJar() throws Exception {
        Path last = folder.resolve("last.jar");
        new JarOutputStream(Files.newOutputStream(last)).close();
        Path context = Files.createDirectories(folder.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
        CompletableFuture<Long> builder = new CompletableFuture<>();
        CompletableFuture<List<Path>> opened = new CompletableFuture<>();
        try (FakeRegistry registry = FakeRegistry.start()) {
            registry.deny(request -> {
                if (request.path().endsWith("/manifests/1") && request.method().equals("PUT")) {
                    opened.complete(openFiles(builder.join()));
                }
                return null;
            });
            try (BuilderProcess build = BuilderProcess.startProgram(
                    folder.resolve("output"),
                    List.of("-cp", System.getProperty("java.class.path") + ":" + last, "build.kiln.builder.app.Kiln"),
                    "--cache-dir",
                    folder.resolve("cache").toString(),
                    "--tag",
                    registry.host() + "/team/app:1",
                    "--push",
                    context.toString())) {
                builder.complete(build.process().pid());
                build.succeeded();
            }
        }
        assertThat(opened.join())
                .anySatisfy(file -> assertThat(file.toString()).endsWith(".jar"))
                .doesNotContain(last.toRealPath());
    }

    private static List<Path> openFiles(long process) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process + "/fd"))) {
            return descriptors.map(QuickStartIT::target).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException e) {
            return descriptor; // closed meanwhile
        }
    }
}
