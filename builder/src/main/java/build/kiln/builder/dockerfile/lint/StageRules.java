package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.CommandLine;
import build.kiln.builder.dockerfile.instruction.Files;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Heredoc;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Expansion;
import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.dockerfile.words.Words;
import build.kiln.builder.failure.DockerfileFailure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Walks through one stage with its variables.
final class StageRules {

    private static final Pattern SECRET = Pattern.compile(
            "(?:_|^)(?:apikey|auth|credentials?|key|passw(?:or)?d|pword|secret|token)(?:_|$)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NO_SECRET =
            Pattern.compile("(?:_|^)(?:public|file|version)(?:_|$)", Pattern.CASE_INSENSITIVE);

    private final Words words;
    private final LintFacts facts;
    private final Map<String, String> globalArgs;
    private final StageState state;
    private final Warnings warnings;

    StageRules(Words words, LintFacts facts, Map<String, String> globalArgs, StageState state, Warnings warnings) {
        this.words = words;
        this.facts = facts;
        this.globalArgs = globalArgs;
        this.state = state;
        this.warnings = warnings;
    }

    void apply(Stage stage) throws BadWordException {
        for (String trigger : state.triggers) {
            try {
                apply(Dockerfile.parseTrigger(stage.origin(), trigger));
            } catch (DockerfileFailure e) {
                // The plan refuses it.
                return;
            }
        }
        for (Instruction instruction : stage.instructions()) {
            apply(instruction);
        }
    }

    private void apply(Instruction instruction) throws BadWordException {
        Origin at = instruction.origin();
        switch (instruction) {
            case Instruction.Add add -> {
                expand(at, add.checksum());
                checkFiles(at, "ADD", add.files(), true);
            }
            case Instruction.Arg arg -> applyArg(arg);
            case Instruction.Cmd cmd -> {
                checkOnlyOne(cmd);
                checkExecForm(at, cmd.command());
            }
            case Instruction.Copy copy ->
                checkFiles(at, "COPY", copy.files(), copy.from().isEmpty());
            case Instruction.Entrypoint entrypoint -> {
                checkOnlyOne(entrypoint);
                checkExecForm(at, entrypoint.command());
            }
            case Instruction.Env env -> applyEnv(env);
            case Instruction.Expose expose -> checkPorts(expose);
            case Instruction.Healthcheck healthcheck -> checkOnlyOne(healthcheck);
            case Instruction.Label label -> checkPairs(at, "LABEL", label.pairs());
            case Instruction.Maintainer _ -> {}
            case Instruction.OnBuild onBuild -> state.triggersForChildren.add(onBuild.trigger());
            case Instruction.Run run -> checkMounts(run);
            case Instruction.Shell _ -> state.shellIsSet = true;
            case Instruction.StopSignal stopSignal -> expand(at, stopSignal.signal());
            case Instruction.User user -> expand(at, user.user());
            case Instruction.Volume volume -> {
                for (String path : volume.paths()) {
                    expand(at, path);
                }
            }
            case Instruction.Workdir workdir -> applyWorkdir(workdir);
        }
    }

    private void applyArg(Instruction.Arg arg) throws BadWordException {
        for (Instruction.Arg.Declaration declaration : arg.declarations()) {
            String name = declaration.name();
            checkSecret(arg.origin(), "ARG", name);
            String value = facts.buildArgs().get(name);
            if (value == null && declaration.value() != null) {
                value = expand(arg.origin(), declaration.value());
            } else if (value == null) {
                value = globalArgs.get(name);
            }
            if (value != null) {
                state.env.put(name, value);
            }
            state.declared.add(name);
        }
    }

    private void applyEnv(Instruction.Env env) throws BadWordException {
        // All values of one ENV see what was set before it.
        Map<String, String> added = new LinkedHashMap<>();
        for (Instruction.Pair pair : env.pairs()) {
            String name = expand(env.origin(), pair.name());
            checkSecret(env.origin(), "ENV", name);
            added.put(name, expand(env.origin(), pair.value()));
        }
        checkForm(env.origin(), "ENV", env.pairs());
        state.env.putAll(added);
    }

    private void applyWorkdir(Instruction.Workdir workdir) throws BadWordException {
        String path = expand(workdir.origin(), workdir.path());
        if (!state.workdirIsSet && !path.startsWith("/")) {
            warnings.add(
                    Rule.WorkdirRelativePath,
                    workdir.origin(),
                    "\"" + path + "\" is relative to whatever directory the base image has. Write an absolute path.");
        }
        state.workdirIsSet = true;
    }

    private void checkPairs(Origin at, String keyword, List<Instruction.Pair> pairs) throws BadWordException {
        for (Instruction.Pair pair : pairs) {
            expand(at, pair.name());
            expand(at, pair.value());
        }
        checkForm(at, keyword, pairs);
    }

    private void checkForm(Origin at, String keyword, List<Instruction.Pair> pairs) {
        for (Instruction.Pair pair : pairs) {
            if (pair.spaced()) {
                warnings.add(
                        Rule.LegacyKeyValueFormat,
                        at,
                        keyword + " has a blank between name and value. Write " + pair.name() + "=…, with quotes"
                                + " around a value that has blanks.");
            }
        }
    }

    private void checkSecret(Origin at, String keyword, String name) {
        if (SECRET.matcher(name).find() && !NO_SECRET.matcher(name).find()) {
            warnings.add(
                    Rule.SecretsUsedInArgOrEnv,
                    at,
                    keyword + " \"" + name + "\" looks like a secret, and whoever has the image can read it."
                            + " Use RUN --mount=type=secret.");
        }
    }

    private void checkOnlyOne(Instruction instruction) {
        Instruction before = state.last.put(instruction.getClass(), instruction);
        if (before != null) {
            warnings.add(
                    Rule.MultipleInstructionsDisallowed,
                    before.origin(),
                    "This " + before.origin().keyword() + " has no effect, since line "
                            + instruction.origin().lines().first() + " has another one. Remove it.");
        }
    }

    private void checkExecForm(Origin at, CommandLine command) {
        if (command instanceof CommandLine.ShellForm && !state.shellIsSet) {
            warnings.add(
                    Rule.JSONArgsRecommended,
                    at,
                    "The program of this " + at.keyword() + " runs below a shell, which keeps signals from it."
                            + " Write it as a JSON array, or set SHELL if a shell is what you want.");
        }
    }

    private void checkPorts(Instruction.Expose expose) throws BadWordException {
        for (String port : expose.ports()) {
            for (String one : words.expand(port, Environment.of(state.env)).words()) {
                String protocol = one.substring(one.indexOf('/') + 1);
                if (one.indexOf('/') >= 0 && !WrittenRules.isLower(protocol)) {
                    warnings.add(
                            Rule.ExposeProtoCasing,
                            expose.origin(),
                            "The protocol of \"" + one + "\" has capital letters. Write it in lower case.");
                }
                // An empty host port or address is none.
                if (one.replaceFirst(":[^:]*$", "").replace(":", "").length() > 0 && one.contains(":")) {
                    warnings.add(
                            Rule.ExposeInvalidFormat,
                            expose.origin(),
                            "\"" + one + "\" has an address or a port of the host, which an image cannot have."
                                    + " Name the container's port alone.");
                }
            }
        }
    }

    private void checkMounts(Instruction.Run run) throws BadWordException {
        for (String field : run.options().mounts().stream()
                .flatMap(mount -> mount.fields().stream())
                .toList()) {
            expand(run.origin(), field.substring(field.indexOf('=') + 1));
        }
    }

    private void checkFiles(Origin at, String keyword, Files files, boolean fromContext) throws BadWordException {
        expand(at, files.chown());
        expand(at, files.chmod());
        expand(at, files.destination());
        for (Heredoc heredoc : files.heredocs()) {
            if (heredoc.expand()) {
                expand(Words.ofHeredoc(), at, heredoc.text());
            }
        }
        for (String source : files.sources()) {
            String path = expand(at, source);
            if (fromContext && !isRemote(path) && facts.ignored().leavesOut(path)) {
                warnings.add(
                        Rule.CopyIgnoredFile,
                        at,
                        keyword + " names \"" + path + "\", which .dockerignore leaves out."
                                + " Remove one of the two lines.");
            }
        }
    }

    private static boolean isRemote(String source) {
        return source.contains("://") || source.startsWith("git@");
    }

    private String expand(Origin at, String word) throws BadWordException {
        return expand(words, at, word);
    }

    private String expand(Words rules, Origin at, String word) throws BadWordException {
        Expansion expansion = rules.expand(word, Environment.of(state.env));
        for (String name : expansion.unmatched()) {
            if (state.baseIsKnown && !state.declared.contains(name)) {
                warnings.add(
                        Rule.UndefinedVar,
                        at,
                        "No ENV or ARG above sets \"$" + name + "\". "
                                + NearestWord.advice(name, state.env.keySet(), "Set it, or remove it here."));
            }
        }
        return expansion.text();
    }
}
