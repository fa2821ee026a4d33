package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All that a builder pod has to know of one attempt of one build.
///
/// It holds no secret: credentials are mounted (see [PodFiles]). An unused feature leaves no field behind, so a
/// builder that is older than the operator takes what it knows, and refuses by name what it does not.
///
/// @param version always [#VERSION]
/// @param uid the ImageBuild's uid: two resources of one name, one after the other, are different builds
/// @param generation the ImageBuild's generation that is built
/// @param attempt counted from 0
/// @param firstAttempt the first of those attempts that are tries at the same build, and go on from each other: a
///     generation that is built again, because somebody asked for it, counts on
/// @param contextDir the build context, below the source's root; `.` is the root itself
/// @param dockerfile below `contextDir`
/// @param target the stage to build; null is the last one
/// @param contexts named contexts as the user wrote them: an image, a git repository or a URL
/// @param secrets what a RUN can ask for; the Secrets are mounted at [PodFiles#RUN_SECRETS]
/// @param ssh keys for the agents that a RUN can ask for; their Secrets are mounted there, too
/// @param platform `os/architecture` or `os/architecture/variant`
/// @param cacheLimits of the cache volume; null leaves them to the builder
/// @param cacheImports references of caches in registries that are read, besides the volume
/// @param cacheExports caches in registries that are written after the push
/// @param isolation null if RUNs may be isolated as well as the pod allows, whatever that is
/// @param pidsLimit how many processes and threads a RUN may have at once; null leaves it to the builder
/// @param part null if the pod does the whole build
/// @param verify what the image has to pass before a tag leads to it; null for nothing
/// @param timeoutSeconds how long the whole build may take; the builder ends itself before the pod is ended
public record BuildRequest(
        int version,
        String namespace,
        String name,
        String uid,
        long generation,
        int attempt,
        int firstAttempt,
        Source source,
        String contextDir,
        String dockerfile,
        @Nullable String target,
        Map<String, String> buildArgs,
        Map<String, String> contexts,
        List<RunSecret> secrets,
        List<SshKey> ssh,
        String platform,
        Output output,
        CacheScope cache,
        @Nullable CacheLimits cacheLimits,
        List<String> cacheImports,
        List<CacheExport> cacheExports,
        @Nullable IsolationDemand isolation,
        @Nullable Integer pidsLimit,
        @Nullable Part part,
        @Nullable Verify verify,
        long timeoutSeconds) {

    public static final int VERSION = 1;

    public BuildRequest {
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "The request has version " + version + "; expected was " + VERSION + ".");
        }
        Wire.required(namespace, "namespace");
        Wire.required(name, "name");
        Wire.required(uid, "uid");
        Wire.present(source, "source");
        Wire.required(contextDir, "contextDir");
        Wire.required(dockerfile, "dockerfile");
        buildArgs = Wire.map(buildArgs);
        contexts = Wire.map(contexts);
        secrets = Wire.list(secrets);
        ssh = Wire.list(ssh);
        Wire.required(platform, "platform");
        Wire.present(output, "output");
        Wire.present(cache, "cache");
        cacheImports = Wire.list(cacheImports);
        cacheExports = Wire.list(cacheExports);
        Wire.positive(timeoutSeconds, "timeoutSeconds");
    }

    /// Where the build context comes from.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Source.Inline.class, name = "inline"),
        @JsonSubTypes.Type(value = Source.Git.class, name = "git"),
        @JsonSubTypes.Type(value = Source.Archive.class, name = "archive"),
        @JsonSubTypes.Type(value = Source.ConfigMap.class, name = "configMap"),
        @JsonSubTypes.Type(value = Source.Image.class, name = "image"),
        @JsonSubTypes.Type(value = Source.Flux.class, name = "flux"),
        @JsonSubTypes.Type(value = Source.Volume.class, name = "volume")
    })
    public sealed interface Source {

        /// Files that stand in the resource itself.
        ///
        /// @param files from path, below the source's root, to text
        record Inline(Map<String, String> files) implements Source {
            @JsonCreator
            public Inline(@JsonProperty("files") Map<String, String> files) {
                this.files = Wire.map(files);
            }
        }

        /// A git repository.
        ///
        /// @param revision branch, tag or commit; null is the repository's own default
        /// @param credentialsSecret the name of the Secret that is mounted at
        ///     [PodFiles#GIT_SECRET], for messages
        record Git(
                String url,
                @Nullable String revision,
                boolean submodules,
                @Nullable String credentialsSecret) implements Source {
            public Git {
                Wire.required(url, "source.url");
            }
        }

        /// A tar archive behind a URL.
        ///
        /// @param sha256 of the archive, in hexadecimal form; null if nobody said
        /// @param credentialsSecret the name of the Secret that is mounted at
        ///     [PodFiles#ARCHIVE_SECRET], for messages
        record Archive(
                String url,
                @Nullable String sha256,
                @Nullable String credentialsSecret) implements Source {
            public Archive {
                Wire.required(url, "source.url");
            }
        }

        /// The keys of a ConfigMap that is mounted at [PodFiles#SOURCE], as files.
        ///
        /// @param name of the ConfigMap, for messages
        record ConfigMap(String name) implements Source {
            @JsonCreator
            public ConfigMap(@JsonProperty("name") String name) {
                this.name = Wire.required(name, "source.name");
            }
        }

        /// The files of an image in a registry.
        ///
        /// @param pullSecret the name of the Secret that is mounted at [PodFiles#PULL_SECRET], for
        ///     messages; null if the image is pulled as base images are
        record Image(String reference, @Nullable String pullSecret) implements Source {
            public Image {
                Wire.required(reference, "source.reference");
            }
        }

        /// The artifact that a Flux object had when the pod was made.
        ///
        /// @param object its kind and name, for messages: `GitRepository web`
        /// @param url of the artifact, a tar
        /// @param digest of that file: `sha256:…`
        /// @param revision what Flux calls what is in it: `main@sha1:…`
        record Flux(String object, String url, String digest, String revision) implements Source {
            public Flux {
                Wire.required(object, "source.object");
                Wire.required(url, "source.url");
                Wire.required(digest, "source.digest");
                Wire.required(revision, "source.revision");
            }
        }

        /// A volume that is mounted at [PodFiles#SOURCE].
        ///
        /// @param claimName the claim's name, for messages
        /// @param path the source's root below the volume's; `.` is the volume's root itself
        record Volume(String claimName, String path) implements Source {
            public Volume {
                Wire.required(claimName, "source.claimName");
                Wire.required(path, "source.path");
            }
        }
    }

    /// A secret that RUNs can ask for.
    ///
    /// @param id the name by which a RUN asks for it
    /// @param secret the name of the Secret, and of its folder below [PodFiles#RUN_SECRETS]
    /// @param key in the Secret
    public record RunSecret(String id, String secret, String key) {
        public RunSecret {
            Wire.required(id, "secrets.id");
            Wire.required(secret, "secrets.secret");
            Wire.required(key, "secrets.key");
        }
    }

    /// A key for the agent that RUNs can ask for.
    ///
    /// @param id the name by which a RUN asks for it
    /// @param secret the name of the Secret of type `kubernetes.io/ssh-auth`, and of its folder below
    ///     [PodFiles#RUN_SECRETS]
    public record SshKey(String id, String secret) {
        public SshKey {
            Wire.required(id, "ssh.id");
            Wire.required(secret, "ssh.secret");
        }
    }

    /// What becomes of the image.
    ///
    /// @param image the reference to push to; without a tag it is `latest`
    /// @param tags further tags of the same repository
    /// @param pushSecret the name of the Secret that is mounted at [PodFiles#PUSH_SECRET], for messages
    /// @param annotations for the image manifest
    /// @param labels for the image's config; they win over the Dockerfile's
    /// @param predefinedAnnotations whether the manifest gets the annotations that the specification has defined
    /// @param provenance null if none is wanted
    public record Output(
            String image,
            List<String> tags,
            @Nullable String pushSecret,
            Compression compression,
            Map<String, String> labels,
            Map<String, String> annotations,
            @Nullable Boolean predefinedAnnotations,
            @Nullable Provenance provenance) {
        public Output {
            Wire.required(image, "output.image");
            tags = Wire.list(tags);
            Wire.present(compression, "output.compression");
            labels = Wire.map(labels);
            annotations = Wire.map(annotations);
        }
    }

    /// That it is to be kept beside the image how it came about.
    ///
    /// @param builderId the URI that stands for all builders of this operator
    public record Provenance(Detail detail, String builderId) {
        public Provenance {
            Wire.present(detail, "output.provenance.detail");
            Wire.required(builderId, "output.provenance.builderId");
        }
    }

    /// How much a provenance says.
    public enum Detail {
        @JsonProperty("min")
        MIN,
        @JsonProperty("max")
        MAX
    }

    /// How layers are compressed.
    public enum Compression {
        @JsonProperty("gzip")
        GZIP,
        @JsonProperty("zstd")
        ZSTD
    }

    /// With whom the build shares what it has built.
    public enum CacheScope {
        /// With every build of the namespace.
        @JsonProperty("namespace")
        NAMESPACE,
        /// What every build of the namespace has left is read; what is made is kept for the same ImageBuild only.
        @JsonProperty("namespaceReadOnly")
        NAMESPACE_READ_ONLY,
        /// With earlier attempts and generations of the same ImageBuild only.
        @JsonProperty("build")
        BUILD,
        /// With nobody: nothing is read from the cache and nothing is left in it.
        @JsonProperty("none")
        NONE
    }

    /// How much the cache volume may take. What is null is for the builder to choose by the size of the volume.
    ///
    /// @param maxBytes that everything on it may take together
    /// @param minFreeBytes that its file system has to keep free
    public record CacheLimits(
            @Nullable Long maxBytes, @Nullable Long minFreeBytes) {
        public CacheLimits {
            Wire.positive(maxBytes, "cacheLimits.maxBytes");
            Wire.positive(minFreeBytes, "cacheLimits.minFreeBytes");
        }
    }

    /// A cache in a registry.
    ///
    /// @param reference to write to; without a tag it is `latest`
    public record CacheExport(String reference, CacheMode mode) {
        public CacheExport {
            Wire.required(reference, "cacheExports.reference");
            Wire.present(mode, "cacheExports.mode");
        }
    }

    /// Which steps a cache in a registry has.
    public enum CacheMode {
        /// Those whose layers the image has.
        @JsonProperty("min")
        MIN,
        /// All.
        @JsonProperty("max")
        MAX
    }

    /// A command that the image has to pass.
    ///
    /// @param run the program and its arguments
    public record Verify(List<String> run, long timeoutSeconds, Network network) {
        public Verify {
            run = Wire.list(run);
            if (run.isEmpty()) {
                throw new IllegalArgumentException("The field \"verify.run\" is missing or empty.");
            }
            Wire.positive(timeoutSeconds, "verify.timeoutSeconds");
            Wire.present(network, "verify.network");
        }
    }

    /// What a process may reach.
    public enum Network {
        /// A loopback interface of its own, where the isolation gives one, and nothing else.
        @JsonProperty("none")
        NONE,
        /// What the pod reaches.
        @JsonProperty("host")
        HOST
    }

    /// The same request for a pod that does a part of it.
    public BuildRequest withPart(Part some) {
        return new BuildRequest(
                version,
                namespace,
                name,
                uid,
                generation,
                attempt,
                firstAttempt,
                source,
                contextDir,
                dockerfile,
                target,
                buildArgs,
                contexts,
                secrets,
                ssh,
                platform,
                output,
                cache,
                cacheLimits,
                cacheImports,
                cacheExports,
                isolation,
                pidsLimit,
                some,
                verify,
                timeoutSeconds);
    }

    public String toJson() {
        return Wire.write(this);
    }

    /// @throws ProtocolMismatch for another version, a field that is not known, or a field that is missing
    public static BuildRequest parse(String json) throws ProtocolMismatch {
        return Wire.read(
                Wire.STRICT,
                json,
                BuildRequest.class,
                "build request",
                VERSION,
                "The builder image and the operator are of different releases; use a builder image of the operator's"
                        + " own release (setting KILN_BUILDER_IMAGE).");
    }
}
