package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The desired state of an [ImageBuild]. A field that is left out has the default that its description names.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = Rules.SSH_CONTEXTS, messageExpression = Rules.SSH_CONTEXTS_MESSAGE)
public record ImageBuildSpec(
        @Required @JsonPropertyDescription("Where the build context comes from. Exactly one kind of source is given.")
        Source source,

        @Default(".")
        @Size(max = 1024)
        @ValidationRule(value = Rules.BELOW_ROOT, message = Rules.BELOW_ROOT_MESSAGE)
        @JsonPropertyDescription("The build context's folder, below the root of the source.")
        String contextDir,

        @Default("Dockerfile")
        @Size(min = 1, max = 1024)
        @ValidationRule(value = Rules.BELOW_ROOT, message = Rules.BELOW_ROOT_MESSAGE)
        @JsonPropertyDescription("The Dockerfile's path, below contextDir.")
        String dockerfile,

        @Size(min = 1, max = 128)
        @JsonPropertyDescription("The stage to build, by its name or number. The last stage if it is not given.")
        @Nullable
        String target,

        @Size(max = 128)
        @JsonPropertyDescription(
                "Values for the ARGs of the Dockerfile, by name. They can be read in the image's history:"
                        + " not a place for secrets.")
        Map<String, @Size(max = 32768) String> buildArgs,

        @Size(max = 32)
        @ValidationRule(value = Rules.CONTEXTS, messageExpression = Rules.CONTEXTS_MESSAGE)
        @JsonPropertyDescription("Named contexts, by the name that a FROM or a --from uses. A value is an image, as in"
                + " docker-image://registry.example.com/base:1, the URL of a git repository, as in"
                + " https://git.example.com/docs.git#main, or the http or https URL of a file, which is called"
                + " context.")
        Map<String, @Size(max = 2048) String> contexts,

        @Size(max = 32)
        @JsonPropertyDescription("Keys of Secrets that a RUN --mount=type=secret can read. Their values are never part"
                + " of the image or the cache.")
        List<SecretMount> secrets,

        @Size(max = 8)
        @JsonPropertyDescription("SSH keys that a RUN --mount=type=ssh can use through an agent. The one with the id"
                + " default is also for git repositories that are reached by SSH.")
        List<SshKey> ssh,

        @Size(max = 16)
        @ValidationRule(value = Rules.PLATFORMS, messageExpression = Rules.PLATFORMS_MESSAGE)
        @JsonPropertyDescription("The platforms to build for, each os/architecture or os/architecture/variant. The"
                + " platform of the nodes that Kiln runs on if none is given. Each has at most 32 characters.")
        List<@Size(min = 1, max = 32) String> platforms,

        @Required @JsonPropertyDescription("Where the image goes, and what is said of it.")
        Output output,

        @JsonPropertyDescription("With whom the build shares what it has built.")
        CacheSettings cache,

        @JsonPropertyDescription("A command to run in the image that was built, before any tag leads to it.") @Nullable
        Verify verify,

        @JsonPropertyDescription("What makes the image be built again although nothing here has changed.") @Nullable
        Rebuild rebuild,

        @JsonPropertyDescription("How far RUNs have to be kept apart from the builder and the pod.")
        IsolationSettings isolation,

        @JsonPropertyDescription("Settings for the builder pod. They go into the pod as they are.")
        PodSettings pod,

        @Default("1h")
        @Size(max = 32)
        @ValidationRule(value = Rules.DURATION, message = Rules.DURATION_MESSAGE)
        @ValidationRule(
                value = "!" + Rules.DURATION
                        + " || (duration(self) >= duration('10s') && duration(self) <= duration('24h'))",
                message = "a build's time limit is at least 10s and at most 24h")
        @JsonPropertyDescription(
                "How long one attempt may take, from the creation of its pod to the image's tag. At least"
                        + " 10s, at most 24h.")
        String timeout,

        @Default("2")
        @Min(0)
        @Max(10)
        @JsonPropertyDescription(
                "How many times the build is tried again after a failure that is not the user's fault: a"
                        + " lost node, an eviction, a registry that does not answer.")
        Integer retries,

        @Size(min = 1, max = 32)
        @ValidationRule(value = Rules.MEMORY, message = Rules.MEMORY_MESSAGE)
        @JsonPropertyDescription(
                "A build that ran out of memory is tried again with twice its limit, again and again up to this"
                        + " amount, as in 8Gi. These attempts do not count as retries. It is not tried again if this"
                        + " is not given.")
        @Nullable
        String retryWithMemory,

        @Default("0")
        @Min(-1000)
        @Max(1000)
        @JsonPropertyDescription("The place among the builds of the namespace that wait: the greater goes first.")
        Integer priority,

        @Default("false") @JsonPropertyDescription("Starts no build while it is true, and ends the one that runs.")
        Boolean suspend,

        @JsonPropertyDescription("How many finished builds are remembered.")
        History history) {

    /// Fills in what the CRD's defaults would, for API servers that know none.
    public ImageBuildSpec {
        contextDir = contextDir == null || contextDir.isEmpty() ? "." : contextDir;
        dockerfile = dockerfile == null ? "Dockerfile" : dockerfile;
        buildArgs = Copies.of(buildArgs);
        contexts = Copies.of(contexts);
        secrets = Copies.of(secrets);
        ssh = Copies.of(ssh);
        platforms = Copies.of(platforms).stream().distinct().toList();
        cache = cache == null ? CacheSettings.DEFAULT : cache;
        isolation = isolation == null ? IsolationSettings.DEFAULT : isolation;
        pod = pod == null ? PodSettings.DEFAULT : pod;
        timeout = timeout == null ? "1h" : timeout;
        retries = retries == null ? 2 : retries;
        priority = priority == null ? 0 : priority;
        suspend = suspend != null && suspend;
        history = history == null ? History.DEFAULT : history;
    }
}
