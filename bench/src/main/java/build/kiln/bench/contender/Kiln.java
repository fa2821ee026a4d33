package build.kiln.bench.contender;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Kiln by its launcher: a new process, and a new JVM, for each build.
public final class Kiln implements Contender {

    private final Path home;
    private final Place place;

    /// @param home the project's folder
    public Kiln(Path home, Place place) {
        this.home = home;
        this.place = place;
    }

    @Override
    public String name() {
        return "kiln";
    }

    @Override
    public Optional<String> missing() {
        return Contender.notFound("crun", "unshare");
    }

    @Override
    public void start() {}

    @Override
    public void reset() throws IOException, InterruptedException {
        Programs.run("rm", "-rf", place.folder().toString());
    }

    @Override
    public ProcessBuilder build(Order order) {
        return new ProcessBuilder(
                home.resolve("kiln").toString(),
                "build",
                "--cache-dir",
                place.folder().toString(),
                "--progress",
                "plain",
                "--tag",
                order.image(),
                "--push",
                order.context().toString());
    }

    @Override
    public void stop() throws IOException, InterruptedException {
        reset();
    }
}
