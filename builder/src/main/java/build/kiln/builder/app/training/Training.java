package build.kiln.builder.app.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Builds small images as real ones are built: a base from a registry, stages, files copied between them, a RUN if the
/// base has a shell, a push; then the same from the cache, and with a file changed.
public final class Training {

    private static final int FILES = 200;

    private final Path folder;
    private final Builds builds;

    /// Runs `kiln` with these arguments.
    public interface Builds {
        int run(String... arguments);
    }

    /// @param folder empty but for `base`, the files of the base image. It gets a `registries.conf`, for which the
    /// builds
    ///     have to be told to read it
    public Training(Path folder, Builds builds) {
        this.folder = folder;
        this.builds = builds;
    }

    /// Builds everything.
    ///
    /// @return the first exit status that is not 0, or 0
    public int run() throws IOException {
        try (MemoryRegistry registry = MemoryRegistry.start();
                BrokenMirror mirror = BrokenMirror.start()) {
            String base = registry.address() + "/base:1";
            Files.writeString(
                    folder.resolve("registries.conf"),
                    "[[registry]]\nlocation = \"%s\"\n[[registry.mirror]]\nlocation = \"%s\"\n"
                            .formatted(registry.address(), mirror.address()));
            Files.createDirectories(folder.resolve("base"));
            // Before all else by name, so that what is below the rest has to be looked at for links.
            Files.createSymbolicLink(folder.resolve("base/a-link"), Path.of("usr"));
            Path users = Files.createDirectories(folder.resolve("base/etc"));
            Files.writeString(users.resolve("passwd"), "root:x:0:0:root:/root:/bin/sh\n");
            Files.writeString(users.resolve("group"), "root:x:0:\n");
            Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\nCOPY base /\nENV PATH=/usr/bin:/bin\n");
            write(folder.resolve("app"), base);
            List<Integer> ended = new ArrayList<>();
            ended.add(build("making", base, folder));
            String image = registry.address() + "/app:1";
            ended.add(build("using", image, folder.resolve("app")));
            ended.add(build("using", image, folder.resolve("app")));
            Files.writeString(folder.resolve("app/src/d1/f1"), "changed");
            ended.add(build("using", image, folder.resolve("app")));
            return ended.stream().filter(status -> status != 0).findFirst().orElse(0);
        }
    }

    /// A cache of its own for the base, so that the builds on it have to pull it.
    private int build(String cache, String image, Path context) {
        return builds.run(
                "build",
                "--progress=plain",
                "--cache-dir=" + folder.resolve("cache-" + cache),
                "--build-arg=VERSION=1",
                "--tag=" + image,
                "--push",
                context.toString());
    }

    private void write(Path context, String base) throws IOException {
        for (int i = 0; i < FILES; i++) {
            Path file = context.resolve("src/d" + i / 50 + "/f" + i);
            Files.createDirectories(file.resolveSibling("."));
            Files.writeString(file, ("file " + i + "\n").repeat(100));
        }
        boolean hasShell = Files.exists(folder.resolve("base/bin/sh"));
        Files.writeString(context.resolve(".dockerignore"), "# nothing of these\n*.log\n!keep.log\n**/tmp\n");
        Files.writeString(context.resolve("Dockerfile"), """
                # syntax=docker/dockerfile:1
                ARG VERSION
                FROM %s AS made
                ARG VERSION
                WORKDIR /src
                COPY src/ ./
                %s
                FROM made AS unused
                ENV A=1
                FROM %s
                ARG VERSION
                LABEL version="${VERSION:-none}"
                ENV HOME=/root LANG=C.UTF-8
                COPY --from=made --chown=1000:1000 /src /app
                COPY src/d1 /d1/
                %s
                EXPOSE 8080
                USER 1000
                ENTRYPOINT ["/bin/sh"]
                CMD ["-c", "true"]
                """.formatted(
                        base,
                        hasShell ? "RUN --mount=type=cache,target=/cache echo made > /src/made" : "",
                        base,
                        hasShell ? "RUN echo $VERSION > /version && echo done" : ""));
    }
}
