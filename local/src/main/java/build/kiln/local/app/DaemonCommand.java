package build.kiln.local.app;

import build.kiln.local.cluster.ClusterFolder;
import java.nio.file.Path;
import java.util.List;

/// How the cluster's own process is started: the same Java and class path as this one.
final class DaemonCommand {

    private DaemonCommand() {}

    static List<String> of(ProjectFolder project, ClusterFolder folder) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "-Dkiln.home=" + project.root(),
                "-Dlogback.configurationFile=build/kiln/local/app/daemon.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "local",
                "serve",
                "--state",
                folder.root().toString());
    }
}
