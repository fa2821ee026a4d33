package build.kiln.bench.contender;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/// `buildah bud --layers`, then `buildah push`.
public final class Buildah implements Contender {

    private final Place place;
    private final String runtime;

    public Buildah(Place place) {
        this.place = place;
        this.runtime = Programs.missing("runc").isEmpty() ? "runc" : "crun";
    }

    @Override
    public String name() {
        return "buildah";
    }

    @Override
    public Optional<String> missing() {
        return Contender.notFound("buildah", runtime);
    }

    @Override
    public void start() {}

    @Override
    public void reset() throws IOException, InterruptedException {
        if (Files.exists(place.folder())) {
            // Overlays of an ended build may still be mounted.
            Programs.run(
                    "sh",
                    "-c",
                    "grep -o \"$1/[^ ]*\" /proc/self/mounts | sort -ru | while read -r at; do umount -l \"$at\"; done; true",
                    "sh",
                    place.folder().toString());
            Programs.run("rm", "-rf", place.folder().toString());
        }
    }

    @Override
    public ProcessBuilder build(Order order) {
        String storage =
                "--root '" + place.folder() + "/root' --runroot '" + place.folder() + "/run' --storage-driver overlay";
        return new ProcessBuilder(
                "sh",
                "-c",
                "buildah " + storage + " bud --layers --tls-verify=false --network host --runtime " + runtime
                        + " -t \"$1\" \"$2\" && buildah " + storage + " push --tls-verify=false \"$1\"",
                "sh",
                order.image(),
                order.context().toString());
    }

    @Override
    public void stop() throws IOException, InterruptedException {
        reset();
    }
}
