package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `SOURCE_DATE_EPOCH`: seconds since 1970, or the name of a source whose time is meant: `context`, a named context, or
/// a stage that is nothing but the ADD of a URL or repository.
final class Epoch {

    private static final String NAME = "SOURCE_DATE_EPOCH";

    private Epoch() {}

    static @Nullable Instant resolve(
            Dockerfile dockerfile, PlanRequest request, Variables variables, SourceTimes times) {
        String given = request.buildArgs().get(NAME);
        String value = given != null ? given : variables.get(NAME);
        if (value == null || value.isEmpty()) {
            return null;
        }
        if (value.matches("[+-]?[0-9]{1,18}")) {
            try {
                return Instant.ofEpochSecond(Long.parseLong(value));
            } catch (DateTimeException e) {
                throw unknown(dockerfile, given != null, value);
            }
        }
        if (value.equals("context")) {
            return times.ofContext();
        }
        if (request.contexts().containsKey(value)) {
            return times.ofNamedContext(value);
        }
        String wanted = value.toLowerCase(Locale.ROOT);
        Optional<Stage> stage = dockerfile.stages().stream()
                .filter(one -> one.name().equals(wanted))
                .findFirst();
        if (stage.isEmpty()) {
            throw unknown(dockerfile, given != null, value);
        }
        return times.ofRemote(remoteSource(dockerfile, stage.get(), request, variables));
    }

    /// Whoever reads the variable sees seconds, or nothing.
    static void replace(@Nullable Instant epoch, Variables variables, Map<String, String> buildArgs) {
        if (epoch == null) {
            buildArgs.remove(NAME);
            variables.remove(NAME);
            return;
        }
        String seconds = Long.toString(epoch.getEpochSecond());
        buildArgs.computeIfPresent(NAME, (name, old) -> seconds);
        if (variables.get(NAME) != null) {
            variables.set(NAME, seconds);
        }
    }

    private static Step.CopySource remoteSource(
            Dockerfile dockerfile, Stage stage, PlanRequest request, Variables variables) {
        if (!dockerfile.expand(stage.origin(), stage.base(), variables).text().equals("scratch")) {
            throw unfit(stage.origin(), "does not start from scratch");
        }
        Variables inStage = variables.copy();
        inStage.remove(NAME);
        Step.@Nullable CopySource found = null;
        for (Instruction instruction : stage.instructions()) {
            if (instruction instanceof Instruction.Arg arg) {
                declare(dockerfile, arg, request, inStage);
            } else if (instruction instanceof Instruction.Add add && found == null) {
                found = remoteSource(dockerfile, add, inStage);
            } else {
                throw unfit(
                        instruction.origin(),
                        "has a " + (found == null ? "" : "second ")
                                + instruction.origin().keyword());
            }
        }
        if (found == null) {
            throw unfit(stage.origin(), "has no ADD");
        }
        return found;
    }

    private static void declare(Dockerfile dockerfile, Instruction.Arg arg, PlanRequest request, Variables variables) {
        for (Instruction.Arg.Declaration one : arg.declarations()) {
            String given = request.buildArgs().get(one.name());
            if (given != null) {
                variables.set(one.name(), given);
            } else if (one.value() != null) {
                variables.set(
                        one.name(),
                        dockerfile.expand(arg.origin(), one.value(), variables).text());
            }
        }
    }

    private static Step.CopySource remoteSource(Dockerfile dockerfile, Instruction.Add add, Variables variables) {
        List<String> sources = add.files().sources();
        if (sources.size() != 1 || !add.files().heredocs().isEmpty()) {
            throw unfit(add.origin(), "has an ADD with more than one source");
        }
        String source =
                dockerfile.expand(add.origin(), sources.getFirst(), variables).text();
        String checksum =
                dockerfile.expand(add.origin(), add.checksum(), variables).text();
        return RemoteSource.parse(add.origin(), source, checksum, add.keepGitDir(), add.unpack())
                .orElseThrow(() -> unfit(add.origin(), "has an ADD of files that are not remote"));
    }

    private static DockerfileFailure unfit(Origin origin, String what) {
        return origin.failure(
                "The stage that SOURCE_DATE_EPOCH names " + what + ", so it has no time.",
                "Such a stage is FROM scratch and one ADD of a URL or a git repository. Or set SOURCE_DATE_EPOCH to "
                        + "the seconds since 1970.");
    }

    private static BuildFailure unknown(Dockerfile dockerfile, boolean byUser, String value) {
        String fact = "SOURCE_DATE_EPOCH is \"" + value
                + "\", which is neither a number of seconds since 1970 nor the name of a stage or context.";
        String advice = "Set it to a number, for example the output of: git log -1 --pretty=%ct";
        if (byUser) {
            return new RequestFailure(Reason.RequestInvalid, "", "The build argument " + fact, advice);
        }
        return dockerfile.globalArgs().stream()
                .filter(arg ->
                        arg.declarations().stream().anyMatch(one -> one.name().equals(NAME) && one.value() != null))
                .map(arg -> arg.origin().failure(fact, advice))
                .reduce((first, last) -> last)
                .orElseGet(
                        () -> new DockerfileFailure(Reason.DockerfileInvalid, dockerfile.name(), 0, "", fact, advice));
    }
}
