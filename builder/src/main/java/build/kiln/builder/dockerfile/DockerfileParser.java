package build.kiln.builder.dockerfile;

import build.kiln.builder.dockerfile.instruction.From;
import build.kiln.builder.dockerfile.instruction.FromParser;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.instruction.InstructionParser;
import build.kiln.builder.dockerfile.parser.Keyword;
import build.kiln.builder.dockerfile.parser.Node;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.parser.SyntaxTree;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts the instructions of a syntax tree into their stages.
final class DockerfileParser {

    private final String file;
    private final SyntaxTree tree;
    private final List<Instruction.Arg> globalArgs = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final List<Instruction> instructions = new ArrayList<>();
    private @Nullable From from;

    DockerfileParser(String file, SyntaxTree tree) {
        this.file = file;
        this.tree = tree;
    }

    Dockerfile parse() {
        for (Node node : tree.nodes()) {
            if (InstructionParser.keyword(node) == Keyword.FROM) {
                finishStage();
                from = FromParser.parse(node);
            } else {
                add(InstructionParser.parse(node));
            }
        }
        finishStage();
        if (stages.isEmpty()) {
            throw new DockerfileFailure(
                    Reason.DockerfileInvalid, file, 0, "", "The file has no FROM.", "Add one behind the ARGs.");
        }
        return new Dockerfile(file, tree.directives(), tree.escape(), globalArgs, stages, tree.emptyContinuations());
    }

    private void add(Instruction instruction) {
        if (from != null) {
            instructions.add(instruction);
        } else if (instruction instanceof Instruction.Arg arg) {
            globalArgs.add(arg);
        } else {
            throw instruction
                    .origin()
                    .failure(
                            instruction.origin().keyword() + " stands before the first FROM, where only ARG may stand.",
                            "Move it below a FROM.");
        }
    }

    private void finishStage() {
        if (from != null) {
            stages.add(new Stage(stages.size(), from, instructions));
            instructions.clear();
        }
    }

    static Instruction parseTrigger(Origin at, String trigger) {
        try {
            List<Node> nodes = SyntaxTree.parse(at.file(), trigger.getBytes(StandardCharsets.UTF_8))
                    .nodes();
            if (nodes.size() != 1) {
                throw at.failure("It is " + nodes.size() + " instructions.", "");
            }
            return InstructionParser.parse(nodes.getFirst().at(at));
        } catch (DockerfileFailure e) {
            throw at.failure(
                    "The base image has an ONBUILD trigger that cannot be run (\"" + trigger + "\"): " + e.fact(),
                    "Build from another image, or ask its author to correct it.");
        }
    }
}
