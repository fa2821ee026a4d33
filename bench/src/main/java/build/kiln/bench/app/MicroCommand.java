package build.kiln.bench.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `kiln bench micro`: single parts, under JMH, with the options that the builder runs with.
@Command(name = "micro", mixinStandardHelpOptions = true, description = "Measures the hot parts by themselves.")
final class MicroCommand implements Callable<Integer> {

    @Parameters(paramLabel = "PATTERN", description = "Parts whose names contain this. Default: all.")
    private List<String> patterns = new ArrayList<>();

    @Option(names = "--seconds", paramLabel = "N", description = "Of each of three measurements. Default: 2.")
    private int seconds = 2;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the results as JSON, too.")
    private String json = "";

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(1)
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(3)
                .measurementTime(TimeValue.seconds(seconds))
                .jvmArgs("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED");
        if (patterns.isEmpty()) {
            options.include("build.kiln.bench.micro");
        }
        patterns.forEach(options::include);
        if (!json.isEmpty()) {
            options.result(json).resultFormat(ResultFormatType.JSON);
        }
        new Runner(options.build()).run();
        return 0;
    }
}
