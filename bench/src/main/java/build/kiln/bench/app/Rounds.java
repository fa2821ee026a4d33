package build.kiln.bench.app;

import build.kiln.bench.contender.Contender;
import build.kiln.bench.image.StoredImage;
import build.kiln.bench.measure.Meter;
import build.kiln.bench.outcome.Outcome;
import build.kiln.bench.outcome.Run;
import build.kiln.bench.outcome.Scenario;
import build.kiln.bench.workload.Base;
import build.kiln.bench.workload.Context;
import build.kiln.bench.workload.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// Runs everything: in each round every builder in turn does the same thing, and who begins changes from round to
/// round.
final class Rounds {

    private final Stage stage;
    private final List<Contender> contenders;
    private final List<Workload> workloads;
    private final int rounds;
    private final Outcome outcome;
    private final PrintStream people;
    private final Set<String> broken = new HashSet<>();

    Rounds(
            Stage stage,
            List<Contender> contenders,
            List<Workload> workloads,
            int rounds,
            Outcome outcome,
            PrintStream people) {
        this.stage = stage;
        this.contenders = contenders;
        this.workloads = workloads;
        this.rounds = rounds;
        this.outcome = outcome;
        this.people = people;
    }

    void run() throws IOException, InterruptedException {
        List<Contender> started = new CopyOnWriteArrayList<>();
        // A daemon outlives whoever has started it: also one who is interrupted.
        Thread interrupted = new Thread(() -> stop(started));
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            for (Contender contender : contenders) {
                started.add(contender);
                contender.start();
            }
            for (Workload workload : workloads) {
                run(workload);
            }
        } finally {
            stop(started);
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
    }

    private void stop(List<Contender> started) {
        for (Contender contender : started) {
            try {
                contender.stop();
            } catch (IOException e) {
                people.println(contender.name() + " has left something behind: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void run(Workload workload) throws IOException, InterruptedException {
        people.println(workload + ": " + workload.description());
        for (Base base : workload.bases()) {
            stage.provide(base);
        }
        List<Context> contexts = workload.contexts(stage.contexts(), stage.address());
        for (int round = 1; round <= rounds; round++) {
            round(workload, contexts, round);
        }
    }

    private void round(Workload workload, List<Context> contexts, int round) throws IOException, InterruptedException {
        List<Contender> order = new ArrayList<>(contenders);
        Collections.rotate(order, -round + 1);
        for (Contender contender : order) {
            contender.reset();
        }
        for (Scenario scenario : Scenario.values()) {
            if (scenario == Scenario.CHANGED) {
                for (Context context : contexts) {
                    context.change(round);
                }
            }
            Comparison comparison = new Comparison(workload, scenario, outcome);
            for (Contender contender : order) {
                if (!broken.contains(contender.name() + workload)) {
                    run(workload, contexts, round, scenario, contender, comparison);
                }
            }
            comparison.finish();
        }
    }

    private void run(
            Workload workload,
            List<Context> contexts,
            int round,
            Scenario scenario,
            Contender contender,
            Comparison comparison)
            throws IOException, InterruptedException {
        String name = workload.name().toLowerCase(Locale.ROOT) + "-" + contender.name() + "-" + round;
        String repository = "bench/" + name;
        Path log = stage.log(name + "-" + scenario.label());
        List<ProcessBuilder> commands = new ArrayList<>();
        for (int i = 0; i < contexts.size(); i++) {
            String image = stage.address() + "/" + repository + ":" + i;
            commands.add(contender
                    .build(new Contender.Order(contexts.get(i).folder(), image, i))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())));
        }
        Files.deleteIfExists(log);
        Meter.Metered metered = Meter.run(commands, contender.daemon());
        people.printf(
                Locale.ROOT,
                "  %s %-7s %-9s %7.2f s %7.2f cpu s %5.0f MB%n",
                workload,
                scenario.label(),
                contender.name(),
                metered.figures().wallSeconds(),
                metered.figures().cpuSeconds(),
                metered.figures().peakBytes() / 1e6);
        if (metered.status() != 0) {
            broken.add(contender.name() + workload);
            outcome.problem(contender.name() + " fails on " + workload + " (exit status " + metered.status()
                    + "); what it said is in " + log);
            return;
        }
        outcome.add(new Run(workload.name(), scenario, contender.name(), round, metered.figures()));
        if (round == 1) {
            List<StoredImage> images = new ArrayList<>();
            for (int i = 0; i < contexts.size(); i++) {
                images.add(stage.pull(repository, Integer.toString(i)));
            }
            comparison.add(contender.name(), images);
        }
    }
}
