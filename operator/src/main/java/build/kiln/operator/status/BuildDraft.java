package build.kiln.operator.status;

import build.kiln.crds.BuildStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.GoDuration;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BuildReport.StepCounts;
import build.kiln.protocol.StepOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `status.build` in the making.
final class BuildDraft {

    @Nullable
    Long generation;

    private @Nullable String reason;
    private @Nullable String pod;
    private @Nullable Integer attempt;
    private @Nullable String specDigest;

    @Nullable
    String artifactDigest;

    private @Nullable Integer firstAttempt;

    @Nullable
    Integer pendingPushes;

    private @Nullable String memory;
    private List<String> outOfMemoryWith = List.of();

    @Nullable
    Integer rechecks;

    private @Nullable Integer evictions;
    private @Nullable Integer refusals;
    private @Nullable String letGoAt;
    private @Nullable String node;
    private @Nullable String startedAt;
    private @Nullable String finishedAt;

    @Nullable
    String nextAttemptAt;

    private @Nullable String duration;
    private @Nullable String steps;
    private @Nullable String cached;
    private @Nullable String current;

    private BuildDraft() {}

    static BuildDraft from(BuildStatus status) {
        BuildDraft draft = new BuildDraft();
        draft.generation = status.generation();
        draft.reason = status.reason();
        draft.pod = status.pod();
        draft.attempt = status.attempt();
        draft.specDigest = status.specDigest();
        draft.artifactDigest = status.artifactDigest();
        draft.firstAttempt = status.firstAttempt();
        draft.pendingPushes = status.pendingPushes();
        draft.memory = status.memory();
        draft.outOfMemoryWith = status.outOfMemoryWith();
        draft.rechecks = status.rechecks();
        draft.evictions = status.evictions();
        draft.refusals = status.refusals();
        draft.letGoAt = status.letGoAt();
        draft.node = status.node();
        draft.startedAt = status.startedAt();
        draft.finishedAt = status.finishedAt();
        draft.nextAttemptAt = status.nextAttemptAt();
        draft.duration = status.duration();
        draft.steps = status.steps();
        draft.cached = status.cached();
        draft.current = status.current();
        return draft;
    }

    /// @param pod null for an attempt that was refused before it had one
    /// @param memory what spec.retryWithMemory has made of its limit; null if nothing
    static BuildDraft of(
            Attempt attempt, @Nullable String pod, String specDigest, @Nullable String memory, String now) {
        BuildDraft draft = new BuildDraft();
        draft.generation = attempt.generation();
        draft.reason = attempt.why().name();
        draft.pod = pod;
        draft.attempt = attempt.number();
        draft.specDigest = specDigest;
        draft.firstAttempt = attempt.first();
        draft.memory = memory;
        draft.uncounted(attempt.uncounted());
        draft.startedAt = attempt.buildStartedAt().map(Instant::toString).orElse(now);
        return draft;
    }

    /// Why it runs, as a clause.
    String reasonInWords() {
        return BuildReason.of(reason).words();
    }

    void uncounted(Uncounted uncounted) {
        pendingPushes = uncounted.pendingPushes() == 0 ? null : uncounted.pendingPushes();
        outOfMemoryWith = uncounted.outOfMemoryWith();
        rechecks = uncounted.rechecks() == 0 ? null : uncounted.rechecks();
        evictions = uncounted.evictions() == 0 ? null : uncounted.evictions();
        refusals = uncounted.refusals() == 0 ? null : uncounted.refusals();
    }

    /// Another attempt comes because a Secret may have changed.
    void lookedAtAgain(String at) {
        rechecks = rechecks == null ? 1 : rechecks + 1;
        nextAttemptAt = at;
    }

    void on(BuilderPod builder) {
        node = builder.node().orElse(node);
    }

    /// Somebody else's queue has nothing against the pod any more.
    void letGo(String at) {
        letGoAt = letGoAt == null ? at : letGoAt;
    }

    void progress(Progress progress) {
        long ran = progress.done().values().stream()
                .filter(s -> s.outcome() == StepOutcome.RAN)
                .count();
        int done = progress.done().size();
        steps(done, Math.max(progress.total(), done), done - ran);
        current = progress.current().orElse(null);
    }

    /// The pod of an index runs no steps; those of the platforms count.
    void of(PlatformsSummary platforms) {
        artifactDigest = platforms.artifactDigest(startedAt);
        steps = platforms.steps();
        cached = platforms.cached();
    }

    /// Whether it is of this attempt.
    boolean isOf(Attempt other) {
        return Objects.equals(generation, other.generation()) && Objects.equals(attempt, other.number());
    }

    void succeeded(StepCounts counts) {
        steps(counts.total(), counts.total(), counts.total() - counts.ran());
    }

    /// A build that failed has more steps than are done: how many, only its progress knows.
    void failed(StepCounts counts) {
        int total = steps == null ? counts.total() : Integer.parseInt(steps.substring(steps.indexOf('/') + 1));
        steps(counts.total(), Math.max(total, counts.total()), counts.total() - counts.ran());
    }

    private void steps(int done, int total, long notRun) {
        steps = total == 0 ? null : done + "/" + total;
        cached = total == 0 ? null : notRun + "/" + total;
    }

    /// Whether it has begun, and has not ended, or only for now.
    boolean isUnderWay() {
        return startedAt != null && (finishedAt == null || nextAttemptAt != null);
    }

    void finished(String at) {
        finishedAt = at;
        nextAttemptAt = null;
        current = null;
        duration = startedAt == null
                ? null
                : GoDuration.format(Duration.between(Instant.parse(startedAt), Instant.parse(at)));
    }

    BuildStatus toStatus() {
        return new BuildStatus(
                generation,
                reason,
                pod,
                attempt,
                specDigest,
                artifactDigest,
                firstAttempt,
                pendingPushes,
                memory,
                outOfMemoryWith,
                rechecks,
                evictions,
                refusals,
                letGoAt,
                node,
                startedAt,
                finishedAt,
                nextAttemptAt,
                duration,
                steps,
                cached,
                current);
    }
}
