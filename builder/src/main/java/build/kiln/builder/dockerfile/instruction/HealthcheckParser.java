package build.kiln.builder.dockerfile.instruction;

import static build.kiln.builder.dockerfile.instruction.Flags.Kind.VALUE;

import build.kiln.builder.dockerfile.instruction.Instruction.Healthcheck;
import build.kiln.builder.dockerfile.instruction.Instruction.Healthcheck.Check;
import build.kiln.builder.dockerfile.parser.Node;
import build.kiln.builder.dockerfile.words.NearestWord;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// HEALTHCHECK and its options.
final class HealthcheckParser {

    private static final Map<String, Flags.Kind> FLAGS = Map.of(
            "interval", VALUE, "timeout", VALUE, "start-period", VALUE, "start-interval", VALUE, "retries", VALUE);

    private HealthcheckParser() {}

    static Instruction parse(Node node) {
        if (node.args().isEmpty()) {
            throw node.origin()
                    .failure("HEALTHCHECK needs CMD or NONE, and nothing follows it.", "Add one, or remove the line.");
        }
        String type = node.args().getFirst();
        List<String> args = node.args().subList(1, node.args().size());
        return switch (type.toUpperCase(Locale.ROOT)) {
            case "NONE" -> parseNone(node, args);
            case "CMD" -> parseProbe(node, args);
            default ->
                throw node.origin()
                        .failure(
                                "HEALTHCHECK has \"" + type + "\" where CMD or NONE should be.",
                                NearestWord.advice(
                                        type, List.of("CMD", "NONE"), "Write HEALTHCHECK CMD and then the command."));
        };
    }

    private static Instruction parseNone(Node node, List<String> args) {
        if (!node.flags().isEmpty()) {
            throw node.origin()
                    .failure(
                            "HEALTHCHECK NONE has the flag " + node.flags().getFirst() + ", and NONE takes nothing.",
                            "Remove the flag.");
        }
        if (!args.isEmpty()) {
            throw node.origin()
                    .failure(
                            "HEALTHCHECK NONE has \"" + String.join(" ", args) + "\" behind it.",
                            "Remove that: NONE takes nothing.");
        }
        return new Healthcheck(node.origin(), new Check.None());
    }

    private static Instruction parseProbe(Node node, List<String> args) {
        Flags flags = Flags.parse(node, FLAGS);
        if (args.isEmpty()) {
            throw node.origin()
                    .failure(
                            "HEALTHCHECK CMD has no command.",
                            "Add one, for example: HEALTHCHECK CMD wget -q -O /dev/null http://127.0.0.1/");
        }
        return new Healthcheck(
                node.origin(),
                new Check.Probe(
                        InstructionParser.commandLine(node, args, List.of()),
                        duration(node, flags, "interval"),
                        duration(node, flags, "timeout"),
                        duration(node, flags, "start-period"),
                        duration(node, flags, "start-interval"),
                        retries(node, flags)));
    }

    private static Duration duration(Node node, Flags flags, String name) {
        String value = flags.value(name);
        if (value.isEmpty()) {
            return Duration.ZERO;
        }
        Duration duration = GoDuration.parse(value)
                .orElseThrow(() -> node.origin()
                        .failure(
                                "HEALTHCHECK has --" + name + "=" + value + ", which is not a duration.",
                                "Write numbers with units (h, m, s, ms), for example 1m30s."));
        if (!duration.isZero() && duration.compareTo(Duration.ofMillis(1)) < 0) {
            throw node.origin()
                    .failure(
                            "HEALTHCHECK has --" + name + "=" + value + ", and the shortest duration is 1ms.",
                            "Choose a longer one, or 0 for the default.");
        }
        return duration;
    }

    private static int retries(Node node, Flags flags) {
        String value = flags.value("retries");
        if (value.isEmpty()) {
            return 0;
        }
        boolean number = value.matches("[+-]?[0-9]+")
                && value.replaceFirst("^[+-]?0*", "").length() <= 10;
        long retries = number ? Long.parseLong(value) : -1;
        if (retries < 0 || retries > Integer.MAX_VALUE) {
            throw node.origin()
                    .failure(
                            "HEALTHCHECK has --retries=" + value + ", which is not a number from 0 to "
                                    + Integer.MAX_VALUE + ".",
                            "Correct the value.");
        }
        return (int) retries;
    }
}
