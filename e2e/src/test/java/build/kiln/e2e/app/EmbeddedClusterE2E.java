package build.kiln.e2e.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.local.cluster.ClusterFolder;
import build.kiln.local.cluster.ClusterSettings;
import build.kiln.local.cluster.LocalCluster;
import build.kiln.local.node.ImageProgram;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The suite against the embedded cluster, which has builder pods and no more: the rows that need nothing else.
class EmbeddedClusterE2E {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @Test
    void rowsHoldAndNothingIsLeft() throws Exception {
        for (String program : List.of("docker-registry", "busybox", "crun", "unshare", "git")) {
            assumeTrue(
                    ends("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin command -v " + program),
                    program + " is not installed");
        }
        assumeTrue(ends("unshare", "--mount", "--pid", "--fork", "true"), "this user may not make namespaces");
        ClusterFolder state = new ClusterFolder(folder.resolve("cluster"));
        ClusterSettings settings = new ClusterSettings(
                state,
                List.of(PROJECT.resolve("helm/kiln/crds/imagebuilds.kiln.build.yaml")),
                builder(),
                Clock.systemUTC());
        try (LocalCluster cluster = LocalCluster.start(settings)) {
            Path kubeconfig = state.kubeconfig();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int status = Main.run(
                    PROJECT,
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    "--kubeconfig",
                    kubeconfig.toString(),
                    "--registry",
                    cluster.description().registry(),
                    "--no-install",
                    "--json",
                    "--only",
                    "inline,config-map,image,run-fails,two-namespaces,builder-image");
            String table = err.toString(StandardCharsets.UTF_8);
            assertThat(table)
                    .containsPattern("inline +Files of the resource .* holds +[0-9.]+ +\\w+")
                    .containsPattern("config-map .* holds ")
                    .containsPattern("image .* holds ")
                    .containsPattern("run-fails .* holds ")
                    .containsPattern("two-namespaces .* holds ")
                    .containsPattern("builder-image .* left out ")
                    .contains("5 of 6 rows hold");
            assertThat(status).as(table).isEqualTo(1);
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .startsWith("{\"holds\":false,\"rows\":[{\"row\":\"inline\"");
            assertThat(namespaces(kubeconfig)).noneMatch(name -> name.startsWith("e2e-"));
        }
    }

    private static List<String> namespaces(Path kubeconfig) {
        try (var cluster = build.kiln.e2e.cluster.Cluster.open(kubeconfig)) {
            return cluster.client().namespaces().list().getItems().stream()
                    .map(namespace -> namespace.getMetadata().getName())
                    .toList();
        }
    }

    /// The builder as it was just compiled: the class path of the tests.
    private static ImageProgram builder() {
        Path java = Path.of(System.getProperty("java.home"));
        Path enter = PROJECT.resolve("builder/src/main/sh/enter-namespaces");
        List<String> classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty() && Files.exists(Path.of(entry)) && !entry.contains("test-classes"))
                .toList();
        Set<Path> files = new LinkedHashSet<>(List.of(java, enter));
        classPath.forEach(entry -> files.add(Path.of(entry)));
        List<String> command = new ArrayList<>(List.of("/bin/sh", enter.toString()));
        command.addAll(List.of(java.resolve("bin/java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", String.join(":", classPath)));
        command.add("build.kiln.builder.app.Kiln");
        return new ImageProgram(
                command, Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root"), List.copyOf(files));
    }

    private static boolean ends(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0;
    }
}
