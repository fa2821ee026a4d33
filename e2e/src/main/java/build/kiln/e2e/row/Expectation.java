package build.kiln.e2e.row;

import build.kiln.crds.Condition;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.LeftOutRungStatus;
import build.kiln.crds.StepStatus;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a build has to come out.
///
/// @param reason of the conditions; not looked at for a build that succeeds
/// @param message what the message of the condition, or the API server's refusal, has to contain
/// @param isolation the rung; not looked at if there is none
/// @param leftOut stronger rungs that the build could not have, with what the reason has to contain
/// @param outcomes of the steps, in order; not looked at if there are none
/// @param exitCode of the process at fault
/// @param log what the last lines of the step at fault have to contain
/// @param files what the image has to have, by absolute path
/// @param within seconds; 180 if none are given
record Expectation(
        End end,
        @Nullable String reason,
        List<String> message,
        @Nullable String isolation,
        Map<String, String> leftOut,
        List<String> outcomes,
        @Nullable Integer exitCode,
        @Nullable String log,
        Map<String, ExpectedFile> files,
        int within) {

    private static final int DEFAULT_SECONDS = 180;

    /// How it ends, or stands still.
    enum End {
        @JsonProperty("succeeded")
        SUCCEEDED,
        @JsonProperty("failed")
        FAILED,
        /// It waits for somebody to do something: `Stalled`, and not failed.
        @JsonProperty("blocked")
        BLOCKED,
        /// It waits, and goes on by itself.
        @JsonProperty("waiting")
        WAITING
    }

    /// @param mode four octal digits
    record ExpectedFile(
            @Nullable String text,
            @Nullable String mode,
            @Nullable Long uid,
            @Nullable Boolean absent) {}

    Expectation {
        message = message == null ? List.of() : List.copyOf(message);
        leftOut = leftOut == null ? Map.of() : new TreeMap<>(leftOut);
        outcomes = outcomes == null ? List.of() : List.copyOf(outcomes);
        files = files == null ? Map.of() : new TreeMap<>(files);
        within = within == 0 ? DEFAULT_SECONDS : within;
    }

    /// A build that stands still, and goes on by itself.
    static Expectation waiting(String reason, List<String> message, Duration atMost) {
        return of(End.WAITING, reason, message, atMost);
    }

    /// A build that comes to this end.
    static Expectation of(End end, @Nullable String reason, List<String> message, Duration atMost) {
        return new Expectation(
                end,
                reason,
                message,
                null,
                Map.of(),
                List.of(),
                null,
                null,
                Map.of(),
                Math.toIntExact(atMost.toSeconds()));
    }

    /// The same, with values in the place of names in the messages.
    Expectation filled(UnaryOperator<String> values) {
        return with(message.stream().map(values).toList(), isolation);
    }

    /// The same, with a rung that it has to have.
    Expectation isolatedBy(String rung) {
        return with(message, rung);
    }

    private Expectation with(List<String> messages, @Nullable String rung) {
        return new Expectation(end, reason, messages, rung, leftOut, outcomes, exitCode, log, files, within);
    }

    Duration atMost() {
        return Duration.ofSeconds(within);
    }

    /// True as soon as there is something to judge: the build has ended, or stands still.
    boolean isReached(ImageBuild build) {
        ImageBuildStatus status = status(build);
        if (!Objects.equals(status.observedGeneration(), build.getMetadata().getGeneration())) {
            return false;
        }
        return switch (end) {
            case WAITING -> Objects.equals(reason(status, "Reconciling"), reason) || isFinal(status);
            case BLOCKED, SUCCEEDED, FAILED -> isFinal(status);
        };
    }

    private static boolean isFinal(ImageBuildStatus status) {
        return isTrue(status, "Ready") || isTrue(status, "Stalled");
    }

    /// Compares the status with what it has to be; the image itself is not looked at.
    void compare(ImageBuild build, Differences differences) {
        ImageBuildStatus status = status(build);
        switch (end) {
            case SUCCEEDED -> conditions(status, "True", "True", "", "", differences);
            case FAILED -> conditions(status, "False", "False", "", "True", differences);
            case BLOCKED -> conditions(status, "False", "Unknown", "", "True", differences);
            case WAITING -> conditions(status, "Unknown", "Unknown", "True", "", differences);
        }
        status.conditions()
                .forEach(c -> differences.equal(
                        "observedGeneration of " + c.type(),
                        c.observedGeneration(),
                        build.getMetadata().getGeneration()));
        if (end != End.SUCCEEDED) {
            differences.equal("The reason of Ready", reason(status, "Ready"), reason);
        }
        message.forEach(part -> differences.contains("The message of Ready", message(status, "Ready"), part));
        if (isolation != null) {
            differences.equal("status.isolation", status.isolation(), isolation);
        }
        leftOut.forEach((rung, why) -> differences.contains(
                "The reason of \"%s\" in status.isolationLeftOut".formatted(rung), reasonLeftOut(status, rung), why));
        if (!outcomes.isEmpty()) {
            differences.equal("The outcomes of the steps", outcomes(status), String.join(" ", outcomes));
        }
        FailureStatus failure = status.failure();
        if (end == End.FAILED) {
            differences.equal("status.failure.reason", failure == null ? null : failure.reason(), reason);
        }
        if (exitCode != null) {
            differences.equal("status.failure.exitCode", failure == null ? null : failure.exitCode(), exitCode);
        }
        if (log != null) {
            differences.contains("status.failure.log", failure == null ? null : failure.log(), log);
        }
    }

    /// `Reconciling` and `Stalled` are there only while they are true.
    private static void conditions(
            ImageBuildStatus status,
            String ready,
            String succeeded,
            String reconciling,
            String stalled,
            Differences differences) {
        differences.equal("Ready", state(status, "Ready"), ready);
        differences.equal("Succeeded", state(status, "Succeeded"), succeeded);
        differences.equal("Reconciling", state(status, "Reconciling"), reconciling);
        differences.equal("Stalled", state(status, "Stalled"), stalled);
    }

    private static @Nullable String reasonLeftOut(ImageBuildStatus status, String rung) {
        return status.isolationLeftOut().stream()
                .filter(one -> one.rung().equals(rung))
                .map(LeftOutRungStatus::reason)
                .findFirst()
                .orElse(null);
    }

    static String outcomes(ImageBuildStatus status) {
        return status.steps().stream()
                .map(StepStatus::outcome)
                .map(outcome -> outcome.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }

    static ImageBuildStatus status(ImageBuild build) {
        return build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
    }

    static boolean isTrue(ImageBuildStatus status, String type) {
        return state(status, type).equals("True");
    }

    private static String state(ImageBuildStatus status, String type) {
        return condition(status, type) instanceof Condition c ? c.status().name() : "";
    }

    private static @Nullable String reason(ImageBuildStatus status, String type) {
        return condition(status, type) instanceof Condition c ? c.reason() : null;
    }

    private static @Nullable String message(ImageBuildStatus status, String type) {
        return condition(status, type) instanceof Condition c ? c.message() : null;
    }

    private static @Nullable Condition condition(ImageBuildStatus status, String type) {
        return status.conditions().stream()
                .filter(c -> c.type().equals(type))
                .findFirst()
                .orElse(null);
    }
}
