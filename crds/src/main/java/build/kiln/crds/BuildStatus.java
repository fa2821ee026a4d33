package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The build that runs, or the last one.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record BuildStatus(
        @JsonPropertyDescription("The generation that is built.") @Nullable
        Long generation,

        @JsonPropertyDescription(
                "Why it was started: Created, SpecChange, Requested, Schedule, BaseImage, SourceRevision"
                        + " or Webhook.")
        @Nullable
        String reason,

        @JsonPropertyDescription("The builder pod of the attempt.") @Nullable
        String pod,

        @JsonPropertyDescription("The number of the attempt, part of the name of the pod.") @Nullable
        Integer attempt,

        @JsonPropertyDescription(
                "Tells apart what was built, and with which timeout: the spec without suspend, priority, rebuild, history, retries and retryWithMemory.")
        @Nullable
        String specDigest,

        @JsonPropertyDescription(
                "The digest of the Flux artifact that is built. The image is built again when Flux has another.")
        @Nullable
        String artifactDigest,

        @JsonPropertyDescription(
                "The number of the first attempt of this build. Attempts are counted on when the same generation is built again.")
        @Nullable
        Integer firstAttempt,

        @JsonPropertyDescription(
                "How many attempts had done all steps and could not push the image, because the registry could not take it. They do not count as retries.")
        @Nullable
        Integer pendingPushes,

        @JsonPropertyDescription("The memory limit of the attempt, if spec.retryWithMemory raised it.") @Nullable
        String memory,

        @JsonPropertyDescription(
                "The memory limits that attempts of this build had and that were not enough, in their order. They do not count as retries.")
        List<String> outOfMemoryWith,

        @JsonPropertyDescription(
                "How many times the build failed for a reason that another content of a Secret may take away, and was or will be looked at again. They do not count as retries.")
        @Nullable
        Integer rechecks,

        @JsonPropertyDescription("How many pods Kueue took away from this build. They do not count as retries.")
        @Nullable
        Integer evictions,

        @JsonPropertyDescription(
                "How many attempts ended because their node refused them a user namespace. The next one had a lower rung. They do not count as retries.")
        @Nullable
        Integer refusals,

        @JsonPropertyDescription(
                "When the pod was first seen out of Kueue's queue and without a node. Until it has one, its time limit counts from here.")
        @Nullable
        String letGoAt,

        @JsonPropertyDescription("The node that the pod runs on.") @Nullable
        String node,

        @JsonPropertyDescription("When the build was started.") @Nullable
        String startedAt,

        @JsonPropertyDescription("When the build, or its last attempt, ended.") @Nullable
        String finishedAt,

        @JsonPropertyDescription("When the next attempt starts, if there is one to come.") @Nullable
        String nextAttemptAt,

        @JsonPropertyDescription("How long the build took.") @Nullable
        String duration,

        @JsonPropertyDescription("How many steps are done, of how many.") @Nullable
        String steps,

        @JsonPropertyDescription("How many steps needed not be run, of how many.") @Nullable
        String cached,

        @JsonPropertyDescription("The instruction that is being worked on.") @Nullable
        String current) {

    public BuildStatus {
        outOfMemoryWith = Copies.of(outOfMemoryWith);
    }
}
