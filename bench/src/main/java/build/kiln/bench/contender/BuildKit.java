package build.kiln.bench.contender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// `buildctl` with a `buildkitd` that is already running, on a socket of its own.
public final class BuildKit implements Contender {

    private static final int TRIES = 200;

    private final Place place;
    private final Path socket;
    private @Nullable Process daemon;

    public BuildKit(Place place) {
        this.place = place;
        this.socket = place.folder().resolve("socket");
    }

    @Override
    public String name() {
        return "buildkit";
    }

    @Override
    public Optional<String> missing() {
        return Contender.notFound("buildkitd", "buildctl", "runc");
    }

    @Override
    public void start() throws IOException, InterruptedException {
        Files.createDirectories(place.folder());
        Path settings = place.folder().resolve("buildkitd.toml");
        Files.writeString(settings, """
                [registry."%s"]
                  http = true
                [worker.oci]
                  gc = false
                """.formatted(place.registry()));
        daemon = new ProcessBuilder(
                        "buildkitd",
                        "--root=" + place.folder().resolve("root"),
                        "--addr=unix://" + socket,
                        "--config=" + settings,
                        "--containerd-worker=false",
                        "--oci-worker=true",
                        "--oci-worker-net=host",
                        "--oci-worker-snapshotter=overlayfs",
                        "--oci-worker-binary=runc")
                .redirectErrorStream(true)
                .redirectOutput(place.folder().resolve("log").toFile())
                .start();
        for (int i = 0; i < TRIES; i++) {
            if (!daemon.isAlive()) {
                break;
            }
            if (Files.exists(socket) && buildctl("debug", "workers").start().waitFor() == 0) {
                return;
            }
            Thread.sleep(50);
        }
        throw new IOException(
                "buildkitd does not start; its log is " + place.folder().resolve("log"));
    }

    private ProcessBuilder buildctl(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("buildctl", "--addr", "unix://" + socket));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    @Override
    public void reset() throws IOException, InterruptedException {
        if (buildctl("prune", "--all").start().waitFor() != 0) {
            throw new IOException("buildctl prune failed; the daemon's log is "
                    + place.folder().resolve("log"));
        }
    }

    @Override
    public ProcessBuilder build(Order order) {
        return buildctl(
                "build",
                "--progress=plain",
                "--frontend=dockerfile.v0",
                "--local=context=" + order.context(),
                "--local=dockerfile=" + order.context(),
                "--output=type=image,push=true,name=" + order.image());
    }

    @Override
    public OptionalLong daemon() {
        return daemon == null ? OptionalLong.empty() : OptionalLong.of(daemon.pid());
    }

    @Override
    public void stop() throws IOException, InterruptedException {
        if (daemon != null) {
            daemon.destroy();
            if (!daemon.waitFor(10, TimeUnit.SECONDS)) {
                daemon.destroyForcibly().waitFor();
            }
        }
        Programs.run("rm", "-rf", place.folder().toString());
    }
}
