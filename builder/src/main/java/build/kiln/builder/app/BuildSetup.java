package build.kiln.builder.app;

import build.kiln.builder.cache.Maker;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.execute.RunSettings;
import build.kiln.builder.execute.Verification;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.provenance.Definition;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.SshLogin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One build, ready to start: what the command line and the pod's request both come down to.
///
/// @param requests one a platform, at least one
/// @param contexts named contexts that are files
/// @param cache the cache volume's root
/// @param limits how much the volume may take
/// @param cacheBelow another cache volume, which is read and to which no entry is written; null if there is none
/// @param maker who builds, as other builds on the volume see it
/// @param cacheLife how long what is in the cache stays there
/// @param isolation how RUNs are to be isolated
/// @param work a folder of this build's own, which is not kept
/// @param epoch that no time in the image is later than; null if nobody said for the image as a whole
/// @param login for repositories that are reached by SSH; null if the user has given none
/// @param names all names that the image gets
/// @param push where it is pushed; may be empty
/// @param naming whether the names lead to what is pushed
/// @param archives where else it goes
/// @param caches of registries
/// @param definition what was asked for, as others may read it
/// @param predefined whether the image gets the annotations that the image specification has defined
/// @param provenance null if none is wanted
/// @param verification that the image has to pass; null if there is none
record BuildSetup(
        Source source,
        FileFinder files,
        List<PlanRequest> requests,
        Map<String, NamedFiles> contexts,
        Path cache,
        VolumeLimits limits,
        @Nullable Path cacheBelow,
        Maker maker,
        CacheLife cacheLife,
        IsolationChoice isolation,
        Path work,
        Compression compression,
        Annotations annotations,
        @Nullable Instant epoch,
        RunSettings run,
        @Nullable SshLogin login,
        RegistrySettings registries,
        List<ImageReference> names,
        List<ImageReference> push,
        Naming naming,
        List<OutputOption> archives,
        CacheExchange caches,
        Definition definition,
        PredefinedAnnotations predefined,
        @Nullable ProvenanceRequest provenance,
        @Nullable Verification verification) {

    /// Whether a later build finds what this one has built.
    enum CacheLife {
        KEPT,
        ENDS_WITH_BUILD
    }

    /// Whether the image says itself where it comes from.
    enum PredefinedAnnotations {
        WRITTEN,
        LEFT_OUT
    }

    /// What leads to an image in a registry.
    enum Naming {
        /// The tags of its names.
        TAGS,
        /// Its digest alone.
        DIGEST
    }

    /// Finds Dockerfile and context in what the source brought.
    interface FileFinder {
        BuildFiles find(SourceTree tree);
    }

    /// How much a volume may take.
    interface VolumeLimits {

        /// @param root of the volume
        Limits of(Path root) throws IOException;
    }

    BuildSetup {
        requests = List.copyOf(requests);
        contexts = Map.copyOf(contexts);
        names = List.copyOf(names);
        push = List.copyOf(push);
        archives = List.copyOf(archives);
    }
}
