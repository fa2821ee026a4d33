package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.instruction.CommandLine.ExecForm;
import build.kiln.builder.dockerfile.instruction.CommandLine.ShellForm;
import build.kiln.builder.dockerfile.instruction.Instruction.Arg.Declaration;
import build.kiln.builder.dockerfile.instruction.Instruction.Pair;
import build.kiln.builder.dockerfile.parser.Heredoc;
import build.kiln.builder.dockerfile.parser.Keyword;
import build.kiln.builder.dockerfile.parser.Node;
import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.dockerfile.words.WhiteSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Turns a node of the syntax tree into a typed instruction, and refuses what is none.
public final class InstructionParser {

    private InstructionParser() {}

    /// Which instruction the node is.
    ///
    /// @throws build.kiln.builder.failure.DockerfileFailure if there is none of this name
    public static Keyword keyword(Node node) {
        return Keyword.of(node.keyword())
                .orElseThrow(() -> node.origin()
                        .failure(
                                "There is no instruction \"" + node.keyword() + "\".",
                                NearestWord.advice(
                                        node.keyword(),
                                        Keyword.names(),
                                        "The instructions are " + String.join(", ", Keyword.names()) + ".")));
    }

    /// @throws build.kiln.builder.failure.DockerfileFailure if it breaks a rule of its instruction, or is a FROM
    public static Instruction parse(Node node) {
        return switch (keyword(node)) {
            case ADD -> FilesParser.parseAdd(node);
            case ARG -> parseArg(node);
            case CMD -> new Instruction.Cmd(node.origin(), parseCommand(node));
            case COPY -> FilesParser.parseCopy(node);
            case ENTRYPOINT -> new Instruction.Entrypoint(node.origin(), parseCommand(node));
            case ENV -> new Instruction.Env(node.origin(), parsePairs(node));
            case EXPOSE ->
                new Instruction.Expose(
                        node.origin(),
                        atLeastOne(node, "a port").stream().sorted().toList());
            case FROM ->
                throw node.origin().failure("FROM cannot stand here.", "Begin a stage with it, in the Dockerfile.");
            case HEALTHCHECK -> HealthcheckParser.parse(node);
            case LABEL -> new Instruction.Label(node.origin(), parsePairs(node));
            case MAINTAINER -> new Instruction.Maintainer(node.origin(), exactlyOne(node, "a name"));
            case ONBUILD -> parseOnBuild(node);
            case RUN -> RunParser.parse(node);
            case SHELL -> parseShell(node);
            case STOPSIGNAL -> new Instruction.StopSignal(node.origin(), exactlyOne(node, "a signal"));
            case USER -> new Instruction.User(node.origin(), exactlyOne(node, "a user"));
            case VOLUME -> parseVolume(node);
            case WORKDIR -> new Instruction.Workdir(node.origin(), exactlyOne(node, "a path"));
        };
    }

    private static String exactlyOne(Node node, String what) {
        Flags.requireNone(node);
        if (node.args().size() != 1) {
            throw missing(node, what);
        }
        return node.args().getFirst();
    }

    private static List<String> atLeastOne(Node node, String what) {
        Flags.requireNone(node);
        if (node.args().isEmpty()) {
            throw missing(node, what);
        }
        return node.args();
    }

    private static RuntimeException missing(Node node, String what) {
        return node.origin()
                .failure(
                        upper(node) + " needs " + what + ", and nothing follows it.",
                        "Add " + what + ", or remove the line.");
    }

    private static Instruction parseArg(Node node) {
        List<Declaration> declarations = new ArrayList<>();
        for (String arg : atLeastOne(node, "a name")) {
            int equals = arg.indexOf('=');
            if (equals == 0) {
                throw blankName(node, arg);
            }
            String name = equals < 0 ? arg : arg.substring(0, equals);
            String value = equals < 0 ? null : arg.substring(equals + 1);
            declarations.add(new Declaration(name, value, node.origin().describe(name)));
        }
        return new Instruction.Arg(node.origin(), declarations);
    }

    private static List<Pair> parsePairs(Node node) {
        List<String> args = atLeastOne(node, "a name and a value");
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i + 2 < args.size(); i += 3) {
            if (args.get(i).isEmpty()) {
                throw blankName(node, "=" + args.get(i + 1));
            }
            pairs.add(new Pair(args.get(i), args.get(i + 1), args.get(i + 2).isEmpty()));
        }
        return pairs;
    }

    private static RuntimeException blankName(Node node, String written) {
        return node.origin()
                .failure(
                        upper(node) + " has no name before the \"=\" of \"" + written + "\".",
                        "Write name=value, without blanks around the \"=\".");
    }

    private static CommandLine parseCommand(Node node) {
        Flags.requireNone(node);
        return commandLine(node, node.args(), List.of());
    }

    static CommandLine commandLine(Node node, List<String> args, List<Heredoc> heredocs) {
        return node.json() ? new ExecForm(args) : new ShellForm(String.join(" ", args), heredocs);
    }

    private static Instruction parseShell(Node node) {
        Flags.requireNone(node);
        List<String> args = node.args();
        if (!node.json() || args.isEmpty()) {
            throw node.origin()
                    .failure(
                            "SHELL needs a JSON array of strings, and has "
                                    + (args.isEmpty() ? "none in it." : "\"" + args.getFirst() + "\"."),
                            "Write it as SHELL [\"/bin/sh\", \"-c\"].");
        }
        return new Instruction.Shell(node.origin(), args);
    }

    private static Instruction parseVolume(Node node) {
        List<String> paths =
                atLeastOne(node, "a path").stream().map(WhiteSpace::strip).toList();
        if (paths.contains("")) {
            throw node.origin().failure("VOLUME has an empty path.", "Write an absolute path, or remove the \"\".");
        }
        return new Instruction.Volume(node.origin(), paths);
    }

    private static Instruction parseOnBuild(Node node) {
        Flags.requireNone(node);
        Node trigger = node.trigger();
        if (trigger == null) {
            throw missing(node, "an instruction");
        }
        Optional<Keyword> keyword = Keyword.of(trigger.keyword());
        if (keyword.filter(k -> k == Keyword.ONBUILD || k == Keyword.FROM || k == Keyword.MAINTAINER)
                .isPresent()) {
            throw node.origin()
                    .failure(
                            "ONBUILD has " + keyword.get() + ", which cannot be triggered.",
                            "Every instruction but FROM, MAINTAINER and ONBUILD can.");
        }
        StringBuilder text = new StringBuilder(trigger.origin().text());
        for (Heredoc heredoc : node.heredocs()) {
            text.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return new Instruction.OnBuild(node.origin(), text.toString());
    }

    private static String upper(Node node) {
        return node.keyword().toUpperCase(Locale.ROOT);
    }
}
