package build.kiln.bench.app;

import build.kiln.bench.contender.BuildKit;
import build.kiln.bench.contender.Buildah;
import build.kiln.bench.contender.Contender;
import build.kiln.bench.contender.Kaniko;
import build.kiln.bench.contender.Kiln;
import build.kiln.bench.outcome.Outcome;
import build.kiln.bench.outcome.OutcomeJson;
import build.kiln.bench.outcome.Table;
import build.kiln.bench.workload.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kiln bench`: whole builds, against other builders.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures Kiln and other builders on the same work, in turn, against one registry on this machine.",
            "docs/bench.md says what is measured and how to read it."
        })
final class BenchCommand implements Callable<Integer> {

    private static final int FAILED = 1;

    private final Path home;
    private final PrintStream out;
    private final PrintStream err;

    /// The builders by name.
    enum Builder {
        KILN,
        BUILDKIT,
        BUILDAH,
        KANIKO
    }

    @Option(
            names = "--builders",
            split = ",",
            paramLabel = "NAME",
            description = "Of kiln, buildkit, buildah, kaniko. Default: all that are installed.")
    private Set<Builder> builders = new LinkedHashSet<>(List.of(Builder.values()));

    @Option(
            names = "--workloads",
            split = ",",
            paramLabel = "NAME",
            description = "Of W1 to W7, W2S and W6S. Default: W1 to W7.")
    private Set<Workload> workloads = new LinkedHashSet<>(
            List.of(Workload.W1, Workload.W2, Workload.W3, Workload.W4, Workload.W5, Workload.W6, Workload.W7));

    @Option(names = "--runs", paramLabel = "N", description = "Of each builder and workload. Default: 3.")
    private int runs = 3;

    @Option(names = "--json", description = "Print one line of JSON at the end, and all else on standard error.")
    private boolean json;

    @Option(names = "--work", paramLabel = "DIR", description = "Where contexts, caches and the registry lie.")
    private @Nullable Path work;

    BenchCommand(Path home, PrintStream out, PrintStream err) {
        this.home = home;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintStream people = json ? err : out;
        Path folder = (work == null ? home.resolve("target/bench") : work).toAbsolutePath();
        Files.createDirectories(folder);
        Outcome outcome = new Outcome();
        try (Stage stage = Stage.open(folder, people)) {
            List<Contender> contenders = installed(stage, outcome);
            new Rounds(stage, contenders, List.copyOf(workloads), runs, outcome, people).run();
        }
        new Table(outcome, people).print();
        if (json) {
            out.println(OutcomeJson.of(outcome));
        }
        return outcome.problems().isEmpty() ? 0 : FAILED;
    }

    private List<Contender> installed(Stage stage, Outcome outcome) {
        List<Contender> all = new ArrayList<>();
        for (Builder builder : builders) {
            Contender contender = switch (builder) {
                case KILN -> new Kiln(home, stage.place("kiln"));
                case BUILDKIT -> new BuildKit(stage.place("buildkit"));
                case BUILDAH -> new Buildah(stage.place("buildah"));
                case KANIKO -> new Kaniko(stage.place("kaniko"));
            };
            Optional<String> missing = contender.missing();
            if (missing.isEmpty()) {
                all.add(contender);
            } else {
                outcome.note(contender.name() + " was left out: " + missing.get());
            }
        }
        return all;
    }
}
