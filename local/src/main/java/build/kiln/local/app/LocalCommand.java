package build.kiln.local.app;

import build.kiln.local.cluster.ClusterDescription;
import build.kiln.local.cluster.ClusterFolder;
import build.kiln.local.cluster.ClusterSettings;
import build.kiln.local.cluster.Daemon;
import build.kiln.local.cluster.LocalCluster;
import build.kiln.local.training.OperatorTraining;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `kiln local`: the embedded cluster to play with.
@Command(
        name = "local",
        mixinStandardHelpOptions = true,
        description = "A small cluster on this machine, to play with.",
        synopsisSubcommandLabel = "up | down | status")
final class LocalCommand {

    private final ProjectFolder project;
    private final Clock clock;

    @Spec
    private CommandSpec spec;

    LocalCommand(ProjectFolder project, Clock clock) {
        this.project = project;
        this.clock = clock;
        this.spec = CommandSpec.create();
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Starts the cluster in the background, unless it works already, and says how to reach it.")
    int up(@Mixin StateOption state) throws InterruptedException {
        ClusterFolder folder = state.folder(project);
        ClusterDescription cluster = new Daemon(folder).start(DaemonCommand.of(project, folder));
        tell(folder, cluster);
        return 0;
    }

    @Command(mixinStandardHelpOptions = true, description = "Ends the cluster and what runs in it.")
    int down(@Mixin StateOption state) throws InterruptedException {
        ClusterFolder folder = state.folder(project);
        boolean stopped = new Daemon(folder).stop();
        out().println(
                        stopped
                                ? "The cluster in " + folder.root() + " has ended."
                                : "No cluster works in " + folder.root() + ".");
        return 0;
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Says whether the cluster works. Exit status 3 if it does not.")
    int status(@Mixin StateOption state) {
        ClusterFolder folder = state.folder(project);
        Optional<ClusterDescription> cluster = new Daemon(folder).running();
        if (cluster.isEmpty()) {
            out().println("No cluster works in " + folder.root() + ". Start it: kiln local up");
            return 3;
        }
        tell(folder, cluster.get());
        return 0;
    }

    /// What the background process does.
    @Command(hidden = true)
    int serve(@Mixin StateOption state) throws InterruptedException {
        ClusterFolder folder = state.folder(project);
        ClusterSettings settings = new ClusterSettings(folder, project.definitions(), project.builder(), clock);
        new Daemon(folder).serve(settings);
        return 0;
    }

    /// Gives an operator work while its Java virtual machine fills a cache of classes.
    @Command(name = "train-operator", hidden = true)
    int trainOperator(@Parameters(arity = "1..*") List<String> command) throws IOException, InterruptedException {
        return new OperatorTraining(project.definitions(), clock).run(command) ? 0 : 1;
    }

    private void tell(ClusterFolder folder, ClusterDescription cluster) {
        out().println("# A cluster works in " + folder.root() + " since " + cluster.startedAt() + ".");
        out().println("# Registry: builds name it " + LocalCluster.REGISTRY + "; from here it is " + cluster.registry()
                + " (plain HTTP).");
        out().println("# Base image: " + LocalCluster.BASE_IMAGE);
        out().println("export KUBECONFIG="
                + ShellWord.quoted(folder.kubeconfig().toString()));
        out().flush();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
