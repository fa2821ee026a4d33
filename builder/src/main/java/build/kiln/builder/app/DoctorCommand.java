package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Maker;
import build.kiln.builder.oci.Json;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.Isolation.LeftOut;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.sandbox.IsolationProbe;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kiln doctor`: says which rung of isolation RUNs have here, why no better one, and what to do.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Says how RUNs are isolated here, and what is in the way of more. Exit status 0 if a RUN works.")
final class DoctorCommand implements Callable<Integer> {

    private final Environment environment;

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "The cache volume's root. Default: that of the pod, else $XDG_CACHE_HOME/kiln.")
    private @Nullable Path cacheDir;

    @Option(names = "--json", description = "Writes JSON instead of a table.")
    private boolean json;

    DoctorCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        Path cache = cacheDir == null ? defaultCache() : cacheDir;
        Path workspace =
                Cache.open(cache, Maker.named(environment.processName())).workspace();
        IsolationChoice choice = IsolationChoice.best(environment);
        Isolation isolation = new IsolationProbe(workspace, choice.refusal()).probe();
        Map<String, String> facts = DoctorFacts.of(cache, isolation, environment);
        if (json) {
            environment.out().println(new String(Json.bytes(json(isolation, facts)), StandardCharsets.UTF_8));
        } else {
            print(isolation, facts);
        }
        ExitCode code = isolation.rung() == Rung.ASSEMBLE ? ExitCode.PLATFORM : ExitCode.SUCCESS;
        return code.status();
    }

    private Path defaultCache() {
        Path ofPod = Path.of(build.kiln.protocol.PodFiles.CACHE);
        return Files.isDirectory(ofPod) ? ofPod : environment.defaultCache();
    }

    private void print(Isolation isolation, Map<String, String> facts) {
        line(
                "RUN",
                isolation.rung() == Rung.ASSEMBLE
                        ? "does not work here"
                        : "works, with " + isolation.rung().word());
        for (Rung rung : Rung.values()) {
            line("  " + rung.word(), state(isolation, rung));
        }
        isolation.remarks().forEach(remark -> line("  remark", remark));
        facts.forEach(this::line);
    }

    private static String state(Isolation isolation, Rung rung) {
        int order = rung.compareTo(isolation.rung());
        return order == 0 ? "works" : order > 0 ? "not needed" : "no. " + reason(isolation, rung);
    }

    private static String reason(Isolation isolation, Rung rung) {
        return isolation.leftOut().stream()
                .filter(one -> one.rung() == rung)
                .map(LeftOut::reason)
                .findFirst()
                .orElse("");
    }

    private void line(String name, String text) {
        environment.out().println(String.format("%-16s%s", name, text));
    }

    private static ObjectNode json(Isolation isolation, Map<String, String> facts) {
        ObjectNode node = Json.object();
        node.put("runWorks", isolation.rung() != Rung.ASSEMBLE);
        node.put("isolation", isolation.rung().word());
        ArrayNode rungs = node.putArray("leftOut");
        isolation
                .leftOut()
                .forEach(one -> rungs.addObject().put("rung", one.rung().word()).put("reason", one.reason()));
        ArrayNode remarks = node.putArray("remarks");
        isolation.remarks().forEach(remarks::add);
        ObjectNode all = node.putObject("facts");
        facts.forEach(all::put);
        return node;
    }
}
