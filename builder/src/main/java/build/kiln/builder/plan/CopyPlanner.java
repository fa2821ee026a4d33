package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.instruction.Files;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Heredoc;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.Words;
import build.kiln.builder.failure.ShownUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Plans a COPY or an ADD.
final class CopyPlanner {

    private static final Pattern NUMBERS = Pattern.compile("[0-9]+(:[0-9]+)?");

    private final StagePlanner stage;
    private final StageDraft.Command command;
    private final Origin origin;

    /// The words of a COPY or ADD, with their variables put in.
    private record Expanded(List<String> sources, String destination, String chown, String chmod) {}

    CopyPlanner(StagePlanner stage, StageDraft.Command command) {
        this.stage = stage;
        this.command = command;
        this.origin = command.instruction().origin();
    }

    void copy(Instruction.Copy copy) {
        Expanded words = expand(copy.files());
        FileSource from = command.reads().isEmpty()
                ? new FileSource.Context()
                : stage.files(command.reads().getFirst(), origin, "COPY has --from=" + copy.from());
        List<Step.CopySource> sources = new ArrayList<>();
        for (String source : words.sources()) {
            if (RemoteSource.repository(origin, source).isPresent()) {
                throw origin.failure(
                        "COPY has the git repository " + GitReference.shown(source) + " as a source.",
                        "Use ADD for it.");
            }
            if (RemoteSource.isUrl(source)) {
                throw origin.failure(
                        "COPY has the URL " + GitReference.shown(source) + " as a source.", "Use ADD for it.");
            }
            sources.add(files(from, source, false, copy.parents()));
        }
        finish("COPY", copy.files(), words, sources, copy.parents());
    }

    void add(Instruction.Add add) {
        Expanded words = expand(add.files());
        String checksum = stage.expand(origin, add.checksum());
        if (!checksum.isEmpty() && words.sources().size() != 1) {
            throw origin.failure(
                    "ADD has --checksum and " + words.sources().size() + " sources, so it is not clear whose it is.",
                    "Write an ADD for each source.");
        }
        List<Step.CopySource> sources = new ArrayList<>();
        for (String source : words.sources()) {
            Optional<Step.CopySource> remote =
                    RemoteSource.parse(origin, source, checksum, add.keepGitDir(), add.unpack());
            if (remote.isPresent()) {
                sources.add(remote.get());
                continue;
            }
            if (!checksum.isEmpty()) {
                throw origin.failure(
                        "ADD has --checksum, and its source \"" + source + "\" is a file of the build context.",
                        "Remove the flag: it is for URLs and git repositories.");
            }
            boolean unpack = add.unpack() == null || add.unpack();
            sources.add(files(new FileSource.Context(), source, unpack, false));
        }
        finish("ADD", add.files(), words, sources, false);
    }

    private Expanded expand(Files files) {
        String chown = stage.expand(origin, files.chown());
        String chmod = stage.expand(origin, files.chmod());
        List<String> sources =
                files.sources().stream().map(one -> stage.expand(origin, one)).toList();
        Expanded words = new Expanded(sources, stage.expand(origin, files.destination()), chown, chmod);
        if (!chmod.isEmpty()) {
            FileModes.check(origin, chmod);
        }
        return words;
    }

    private static Step.CopySource files(FileSource from, String source, boolean unpack, boolean parents) {
        int pivot = parents ? source.indexOf("/./") : -1;
        if (!parents) {
            return new Step.CopySource.Files(from, GuestPath.clean(source), unpack);
        }
        String above = pivot < 0 ? "/" : GuestPath.clean(source.substring(0, pivot));
        String pattern = GuestPath.clean(pivot < 0 ? source : source.substring(pivot + 3));
        return new Step.CopySource.Files(from, pattern, unpack, above);
    }

    private void finish(String keyword, Files files, Expanded words, List<Step.CopySource> sources, boolean parents) {
        StringBuilder history = new StringBuilder(keyword);
        history.append(parents ? " --parents" : "");
        history.append(words.chown().isEmpty() ? "" : " --chown=" + words.chown());
        history.append(words.chmod().isEmpty() ? "" : " --chmod=" + words.chmod());
        words.sources().forEach(source -> history.append(' ').append(ShownUrl.inText(source)));
        for (Heredoc heredoc : files.heredocs()) {
            String text = heredoc.expand() ? stage.expandHeredoc(origin, heredoc.text()) : heredoc.text();
            sources.add(new Step.CopySource.Inline(heredoc.name(), text));
            history.append(" <<").append(heredoc.name());
        }
        history.append(' ').append(words.destination());

        boolean link = files.link() && words.chmod().isEmpty();
        if (link && !words.chown().isEmpty() && !NUMBERS.matcher(words.chown()).matches()) {
            throw origin.failure(
                    keyword + " has --link and --chown=" + words.chown() + ", and its layer does not see the image's"
                            + " /etc/passwd and /etc/group, so the name has no number.",
                    "Write numbers, for example --chown=1000:1000, or remove --link.");
        }
        String workDir = stage.state.workingDir();
        String destination = GuestPath.resolveDestination(workDir, words.destination());
        Step step = new Step.Copy(
                label(),
                sources,
                destination,
                orNull(words.chown()),
                orNull(words.chmod()),
                link,
                parents,
                files.excludes(),
                workDir,
                stage.alwaysRuns);
        stage.step(step, history + " # buildkit", keyword.toLowerCase(Locale.ROOT) + " " + destination);
    }

    private Step.Label label() {
        char escape = stage.build.scope().dockerfile().escape();
        Step.Label label = stage.labels.next(
                command, StagePlanner.shown(Words.ofInstruction(escape), origin.text(), stage.state.variables));
        return new Step.Label(
                label.stage(),
                label.number(),
                label.total(),
                ShownUrl.inText(label.text()),
                label.line(),
                ShownUrl.inText(label.lineText()));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
