package build.kiln.builder.dockerfile.instruction;

import static build.kiln.builder.dockerfile.instruction.Flags.Kind.VALUE;
import static build.kiln.builder.dockerfile.instruction.Flags.Kind.VALUES;

import build.kiln.builder.dockerfile.instruction.Instruction.Run;
import build.kiln.builder.dockerfile.instruction.Instruction.Run.Device;
import build.kiln.builder.dockerfile.instruction.Instruction.Run.Network;
import build.kiln.builder.dockerfile.instruction.Instruction.Run.Security;
import build.kiln.builder.dockerfile.parser.Node;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.NearestWord;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// RUN and its flags.
final class RunParser {

    private static final Map<String, Flags.Kind> FLAGS =
            Map.of("mount", VALUES, "network", VALUE, "security", VALUE, "device", VALUES);

    private RunParser() {}

    static Instruction parse(Node node) {
        Flags flags = Flags.parse(node, FLAGS);
        Origin origin = node.origin();
        List<MountFlag> mounts = flags.values("mount").stream()
                .map(value -> MountFlag.parse(origin, value))
                .toList();
        List<Device> devices = flags.values("device").stream()
                .map(value -> device(origin, value))
                .toList();
        return new Run(
                origin,
                InstructionParser.commandLine(node, node.args(), node.heredocs()),
                new Run.Options(mounts, network(flags, origin), security(flags, origin), devices, flags.used()));
    }

    private static Network network(Flags flags, Origin origin) {
        if (!flags.used().contains("network")) {
            return Network.DEFAULT;
        }
        return switch (flags.value("network")) {
            case "default" -> Network.DEFAULT;
            case "none" -> Network.NONE;
            case "host" -> Network.HOST;
            default -> throw wrong(origin, "network", flags.value("network"), List.of("default", "none", "host"));
        };
    }

    private static Security security(Flags flags, Origin origin) {
        if (!flags.used().contains("security")) {
            return Security.SANDBOX;
        }
        return switch (flags.value("security")) {
            case "sandbox" -> Security.SANDBOX;
            case "insecure" -> Security.INSECURE;
            default -> throw wrong(origin, "security", flags.value("security"), List.of("sandbox", "insecure"));
        };
    }

    private static RuntimeException wrong(Origin origin, String flag, String value, List<String> valid) {
        return origin.failure(
                "RUN has --" + flag + "=" + value + ", which does not exist.",
                NearestWord.advice(value, valid, "The choices are " + String.join(", ", valid) + "."));
    }

    /// The name stands alone or as `name=`; what is no key of ours is a name too, since `vendor/class=device` is one.
    private static Device device(Origin origin, String value) {
        String name = "";
        boolean required = false;
        for (String field : CommaList.parse(origin, "device", value)) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            String given = equals < 0 ? "" : field.substring(equals + 1);
            if (key.equals("required")) {
                required = equals < 0
                        || GoBoolean.parse(given)
                                .orElseThrow(() -> origin.failure(
                                        "--device has " + field + ", which is neither true nor false.",
                                        "Correct the value."));
            } else if (key.equals("name") && equals >= 0) {
                requireUnnamed(origin, name, field);
                name = given;
            } else {
                requireUnnamed(origin, name, field);
                name = field;
            }
        }
        return new Device(name, required);
    }

    private static void requireUnnamed(Origin origin, String name, String field) {
        if (!name.isEmpty()) {
            throw origin.failure(
                    "--device has \"" + field + "\", and names the device \"" + name + "\" already.",
                    "Name one device, and write --device once more for another. The keys are name and required.");
        }
    }
}
