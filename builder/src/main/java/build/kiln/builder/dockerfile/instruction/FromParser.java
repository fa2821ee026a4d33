package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Node;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// FROM.
public final class FromParser {

    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9_.-]*");

    private FromParser() {}

    /// @throws build.kiln.builder.failure.DockerfileFailure if it breaks a rule of FROM
    public static From parse(Node node) {
        List<String> args = node.args();
        String as = "";
        String name = "";
        if (args.size() == 3 && args.get(1).equalsIgnoreCase("as")) {
            as = args.get(1);
            name = args.get(2);
            requireStageName(node, name);
        } else if (args.size() != 1) {
            throw node.origin()
                    .failure(
                            "FROM has " + (args.isEmpty() ? "nothing" : "\"" + String.join(" ", args) + "\"")
                                    + " behind it.",
                            "Write FROM image, or FROM image AS name."
                                    + (args.contains("#") ? " A comment needs a line of its own." : ""));
        }
        Flags flags = Flags.parse(node, Map.of("platform", Flags.Kind.VALUE));
        return new From(node.origin(), args.getFirst(), flags.value("platform"), as, name);
    }

    private static void requireStageName(Node node, String name) {
        if (!STAGE_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
            throw node.origin()
                    .failure(
                            "FROM names its stage \"" + name + "\", which cannot be a stage's name.",
                            "Begin with a letter, and go on with letters, digits, \"-\", \"_\" and \".\".");
        }
    }
}
