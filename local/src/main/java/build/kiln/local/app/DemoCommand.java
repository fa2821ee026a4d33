package build.kiln.local.app;

import build.kiln.local.cluster.ClusterDescription;
import build.kiln.local.cluster.ClusterFailure;
import build.kiln.local.cluster.ClusterFolder;
import build.kiln.local.cluster.Daemon;
import build.kiln.local.demo.Demo;
import build.kiln.local.demo.DemoFailure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kiln demo`.
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Starts a small cluster, builds an image in it, checks and runs it, and builds it again.")
final class DemoCommand implements Callable<Integer> {

    private static final int NOT_TRUE = 1;

    private final ProjectFolder project;
    private final Clock clock;

    @Option(names = "--keep", description = "Leave the cluster running, and say how to reach it.")
    private boolean keep;

    @Option(names = "--json", description = "Print one line of JSON at the end, and all else on standard error.")
    private boolean json;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "The cluster's folder. Default: .kiln/demo in the project.")
    private @Nullable Path state;

    DemoCommand(ProjectFolder project, Clock clock) {
        this.project = project;
        this.clock = clock;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintStream result = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream people =
                json ? new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8) : result;
        ClusterFolder folder = new ClusterFolder(state == null ? project.root().resolve(".kiln/demo") : state);
        Daemon daemon = new Daemon(folder);
        Thread stop = new Thread(() -> end(daemon));
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            Demo.Outcome outcome = run(daemon, folder, people);
            if (keep) {
                Runtime.getRuntime().removeShutdownHook(stop);
                tell(people, folder);
            }
            if (json) {
                result.println(outcome.json());
            }
            return 0;
        } catch (DemoFailure | ClusterFailure | IOException e) {
            people.println();
            people.println(e instanceof IOException ? "The demo broke off: " + e : e.getMessage());
            people.println("What the cluster did is in " + folder.log() + ".");
            return NOT_TRUE;
        }
    }

    private Demo.Outcome run(Daemon daemon, ClusterFolder folder, PrintStream people)
            throws IOException, InterruptedException {
        people.println("==> Start a cluster: API server, node, registry, operator");
        daemon.stop();
        ClusterDescription cluster = daemon.start(DaemonCommand.of(project, folder));
        people.println(
                "  API        " + cluster.api().getHost() + ":" + cluster.api().getPort());
        people.println("  registry   " + cluster.registry());
        Demo demo = new Demo(cluster.api(), folder.registriesConf(), folder.scratch("demo"), clock, people);
        return demo.run(project.example("hello"));
    }

    private void tell(PrintStream people, ClusterFolder folder) {
        people.println();
        people.println("The cluster works on. To look at it, and to end it:");
        people.println(
                "  export KUBECONFIG=" + ShellWord.quoted(folder.kubeconfig().toString()));
        people.println("  kubectl get imagebuilds,pods");
        people.println(
                "  ./kiln local down --state " + ShellWord.quoted(folder.root().toString()));
    }

    private static void end(Daemon daemon) {
        try {
            daemon.stop();
        } catch (InterruptedException | ClusterFailure e) {
            System.err.println("The cluster may still run: " + e.getMessage());
        }
    }
}
