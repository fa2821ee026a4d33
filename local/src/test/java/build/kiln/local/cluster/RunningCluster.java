package build.kiln.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.local.Kubectl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// The embedded cluster with the builder of this build, and kubectl for it.
record RunningCluster(LocalCluster cluster, Kubectl kubectl) implements AutoCloseable {

    private static final Path PROJECT = BuilderOfThisBuild.PROJECT;

    /// Skips the tests, with the reason, where something is missing.
    static RunningCluster start(Path folder) throws Exception {
        for (String program : List.of("kubectl", "docker-registry", "busybox", "crun", "unshare")) {
            assumeTrue(isInstalled(program), program + " is not installed");
        }
        assumeTrue(run("unshare", "--mount", "--pid", "--fork", "true") == 0, "this user may not make namespaces");
        LocalCluster cluster = LocalCluster.start(new ClusterSettings(
                new ClusterFolder(folder.resolve("cluster")),
                List.of(PROJECT.resolve("helm/kiln/crds/imagebuilds.kiln.build.yaml")),
                BuilderOfThisBuild.program(),
                Clock.systemUTC()));
        return new RunningCluster(
                cluster,
                new Kubectl(
                        Files.createDirectories(folder.resolve("kubectl")),
                        cluster.description().api().toString()));
    }

    private static boolean isInstalled(String program) throws Exception {
        return run("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin command -v " + program) == 0;
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    void apply(String namespace, String resources) throws Exception {
        kubectl.runWithInput(resources, "apply", "-n", namespace, "-f", "-").ok();
    }

    String get(String namespace, String name, String path) throws Exception {
        return kubectl.run("get", "imagebuild", name, "-n", namespace, "-o", "jsonpath=" + path)
                .ok()
                .out();
    }

    void await(String namespace, String name, String condition) throws Exception {
        await(namespace, name, condition, "50s");
    }

    void await(String namespace, String name, String condition, String timeout) throws Exception {
        Kubectl.Run waited = kubectl.run(
                "wait", "--for=condition=" + condition, "imagebuild/" + name, "-n", namespace, "--timeout=" + timeout);
        assertThat(waited.exitCode())
                .as(waited.err() + get(namespace, name, "{.status}"))
                .isZero();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
