package build.kiln.builder.dockerfile.instruction;

import static build.kiln.builder.dockerfile.instruction.Flags.Kind.SWITCH;
import static build.kiln.builder.dockerfile.instruction.Flags.Kind.VALUE;
import static build.kiln.builder.dockerfile.instruction.Flags.Kind.VALUES;

import build.kiln.builder.dockerfile.parser.Heredoc;
import build.kiln.builder.dockerfile.parser.HeredocWord;
import build.kiln.builder.dockerfile.parser.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// COPY and ADD.
final class FilesParser {

    private static final Map<String, Flags.Kind> COPY_FLAGS =
            Map.of("from", VALUE, "chown", VALUE, "chmod", VALUE, "link", SWITCH, "parents", SWITCH, "exclude", VALUES);
    private static final Map<String, Flags.Kind> ADD_FLAGS = Map.of(
            "chown", VALUE,
            "chmod", VALUE,
            "link", SWITCH,
            "exclude", VALUES,
            "keep-git-dir", SWITCH,
            "checksum", VALUE,
            "unpack", SWITCH);

    private FilesParser() {}

    static Instruction parseCopy(Node node) {
        requireDestination(node);
        Flags flags = Flags.parse(node, COPY_FLAGS);
        return new Instruction.Copy(node.origin(), files(node, flags), flags.value("from"), flags.isOn("parents"));
    }

    static Instruction parseAdd(Node node) {
        requireDestination(node);
        Flags flags = Flags.parse(node, ADD_FLAGS);
        return new Instruction.Add(
                node.origin(),
                files(node, flags),
                flags.value("checksum"),
                flags.onOrOff("keep-git-dir"),
                flags.onOrOff("unpack"));
    }

    private static void requireDestination(Node node) {
        String keyword = node.keyword().toUpperCase(Locale.ROOT);
        if (node.args().isEmpty()) {
            throw node.origin()
                    .failure(
                            keyword + " has neither a source nor a destination.",
                            "Add both, for example: " + keyword + " app.jar /opt/app/");
        }
        if (node.args().size() == 1) {
            String source = node.args().getFirst();
            throw node.origin()
                    .failure(
                            keyword + " has a source (\"" + source + "\") but no destination.",
                            "Add the target path, for example: " + keyword + " " + source + " /opt/app/");
        }
    }

    private static Files files(Node node, Flags flags) {
        String destination = node.args().getLast();
        if (HeredocWord.parse(destination).isPresent()) {
            throw node.origin()
                    .failure(
                            node.keyword().toUpperCase(Locale.ROOT) + " has a heredoc (" + destination
                                    + ") as its destination.",
                            "Add the target path behind it.");
        }
        List<String> sources = new ArrayList<>();
        List<Heredoc> heredocs = new ArrayList<>();
        for (String source : node.args().subList(0, node.args().size() - 1)) {
            Optional<Heredoc> heredoc = HeredocWord.parse(source);
            if (heredoc.isPresent()) {
                heredocs.add(heredoc.get().with(contentOf(heredoc.get().name(), node)));
            } else {
                sources.add(source);
            }
        }
        return new Files(
                sources,
                heredocs,
                destination,
                flags.value("chown"),
                flags.value("chmod"),
                flags.isOn("link"),
                flags.values("exclude"));
    }

    /// Of several heredocs of the same name the last one counts.
    private static String contentOf(String name, Node node) {
        String content = "";
        for (Heredoc heredoc : node.heredocs()) {
            if (heredoc.name().equals(name)) {
                content = heredoc.content();
            }
        }
        return content;
    }
}
