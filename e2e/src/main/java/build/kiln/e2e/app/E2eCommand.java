package build.kiln.e2e.app;

import build.kiln.e2e.outcome.Result;
import build.kiln.e2e.outcome.ResultsJson;
import build.kiln.e2e.outcome.Table;
import build.kiln.e2e.row.Row;
import build.kiln.e2e.row.Suite;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `kiln e2e`: the whole of Kiln in a real cluster.
@Command(
        name = "e2e",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Installs Kiln into a cluster by its chart, builds there whatever can go well or badly, and says what"
                    + " held.",
            "docs/e2e.md describes each row. Exit status: 0 if every row holds, 1 if one does not, 64 for wrong"
                    + " options,",
            "69 if nothing could be tried."
        })
final class E2eCommand implements Callable<Integer> {

    private static final int FAILED = 1;

    private final Path home;
    private final PrintStream out;
    private final PrintStream err;

    @Mixin
    private final Options options = new Options();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    E2eCommand(Path home, PrintStream out, PrintStream err) {
        this.home = home;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Row> rows = chosen();
        PrintStream people = options.json ? err : out;
        if (options.list) {
            rows.forEach(row -> out.printf("%-18s %s%n", row.name(), row.claim()));
            return 0;
        }
        Path folder = Files.createTempDirectory("kiln-e2e-");
        List<Result> results = new ArrayList<>();
        long start = System.nanoTime();
        Table table = new Table(
                people,
                rows.stream().map(Row::name).toList(),
                rows.stream().map(Row::claim).toList());
        try (Performance performance = Performance.open(home, options, rows, folder, people)) {
            table.head();
            for (Row row : rows) {
                Result result = performance.of(row);
                table.print(result);
                results.add(result);
            }
        } finally {
            delete(folder);
        }
        table.foot(results, Duration.ofNanos(System.nanoTime() - start));
        if (options.json) {
            out.println(ResultsJson.of(results));
        }
        return results.stream().allMatch(Result::holds) ? 0 : FAILED;
    }

    /// The rows that were asked for, in the suite's order.
    private List<Row> chosen() {
        List<Row> all = Suite.rows();
        List<String> names = all.stream().map(Row::name).toList();
        options.only.stream().filter(name -> !names.contains(name)).findFirst().ifPresent(name -> {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is no row \"%s\". The rows are %s.".formatted(name, String.join(", ", names)));
        });
        options.problem().ifPresent(problem -> {
            throw new ParameterException(spec.commandLine(), problem);
        });
        return options.only.isEmpty()
                ? all
                : all.stream().filter(row -> options.only.contains(row.name())).toList();
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
