package build.kiln.bench.contender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Kaniko's `executor`, each build in a root directory of its own, as in a pod; its cache lies in the registry.
public final class Kaniko implements Contender {

    private final Place place;
    private int resets;

    public Kaniko(Place place) {
        this.place = place;
    }

    @Override
    public String name() {
        return "kaniko";
    }

    @Override
    public Optional<String> missing() {
        return Contender.notFound("executor", "unshare", "chroot");
    }

    @Override
    public void start() {}

    /// Takes another repository for the cache.
    @Override
    public void reset() throws IOException, InterruptedException {
        resets++;
        Programs.run("rm", "-rf", place.folder().toString());
        Files.createDirectories(place.folder());
    }

    @Override
    public ProcessBuilder build(Order order) {
        Path root = place.folder().resolve("root-" + order.number());
        String cache = place.registry() + "/bench/kaniko-cache-" + resets;
        return new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                """
                root=$1 context=$2; shift 2
                rm -rf "$root"; mkdir -p "$root/kaniko/.docker" "$root/workspace" "$root/proc" "$root/dev" "$root/etc"
                cp "$(command -v executor)" "$root/kaniko/executor"
                cp /etc/hosts /etc/resolv.conf "$root/etc/" || true
                mount --bind "$context" "$root/workspace"
                mount -o remount,bind,ro "$root/workspace"
                mount -t proc proc "$root/proc"
                mount -t tmpfs tmpfs "$root/dev"
                mknod -m 666 "$root/dev/null" c 1 3
                mknod -m 666 "$root/dev/zero" c 1 5
                mknod -m 666 "$root/dev/urandom" c 1 9
                exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/kaniko HOME=/root \
                    DOCKER_CONFIG=/kaniko/.docker chroot "$root" /kaniko/executor --force --context dir:///workspace \
                    --insecure --insecure-pull --skip-tls-verify --cache=true --cache-copy-layers=true "$@"
                """,
                "sh",
                root.toString(),
                order.context().toString(),
                "--destination=" + order.image(),
                "--cache-repo=" + cache);
    }

    @Override
    public void stop() throws IOException, InterruptedException {
        Programs.run("rm", "-rf", place.folder().toString());
    }
}
