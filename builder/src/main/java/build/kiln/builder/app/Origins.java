package build.kiln.builder.app;

import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.execute.RemoteFiles;
import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.plan.BaseImage;
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.StageBase;
import build.kiln.builder.provenance.Definition;
import build.kiln.builder.provenance.Invocation;
import build.kiln.builder.provenance.Material;
import build.kiln.builder.provenance.Statement;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.ReadFiles;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a build has found out of its inputs, for whoever wants to know how its image came about.
///
/// @param revision of the source: a commit, or a digest; null if it has none
/// @param dockerfile as it was read
/// @param read of the build context; null if nobody wants to know
/// @param started when the build began
record Origins(
        Definition definition,
        @Nullable String revision,
        BuildFiles.Text dockerfile,
        @Nullable ReadFiles read,
        NamedTrees named,
        RemoteFiles remote,
        Instant started) {

    private static final String CREATED = "org.opencontainers.image.created";
    private static final String SOURCE = "org.opencontainers.image.source";
    private static final String REVISION = "org.opencontainers.image.revision";
    private static final String BASE_NAME = "org.opencontainers.image.base.name";
    private static final String BASE_DIGEST = "org.opencontainers.image.base.digest";

    /// The keys of [#annotations].
    static final Set<String> PREDEFINED = Set.of(CREATED, SOURCE, REVISION, BASE_NAME, BASE_DIGEST);

    /// The annotations that the image specification has defined, as far as they can be told of the image. The same
    /// inputs give the same ones.
    ///
    /// @param epoch of the image
    /// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md">image-spec 1.1.1,
    /// Annotations</a>
    Map<String, String> annotations(Plan plan, Instant epoch) {
        Map<String, String> all = new TreeMap<>();
        all.put(CREATED, epoch.toString());
        if (!definition.sourceUri().isEmpty()) {
            all.put(SOURCE, webAddress(definition.sourceUri()));
        }
        if (revision != null) {
            all.put(REVISION, revision);
        }
        base(plan).ifPresent(base -> {
            if (base.home() instanceof ImageHome.Repository(ImageReference reference)) {
                all.put(BASE_NAME, reference.withTag(reference.tagOrLatest()).toString());
            }
            all.put(BASE_DIGEST, named(base).toString());
        });
        return all;
    }

    /// `https://host/repository.git` of `git+https://host/repository.git@main`.
    private static String webAddress(String uri) {
        return uri.startsWith("git+")
                ? uri.substring("git+".length()).replaceFirst("(?<!/)@[^@]*$", "")
                : ShownUrl.bare(uri);
    }

    /// The image that the target's lowest layers are of.
    private static Optional<BaseImage> base(Plan plan) {
        PlannedStage stage = plan.target();
        while (stage.base() instanceof StageBase.Stage(int below)) {
            stage = plan.stage(below);
        }
        return stage.base() instanceof StageBase.Image(BaseImage image) ? Optional.of(image) : Optional.empty();
    }

    private static Digest named(BaseImage image) {
        Digest named = image.home().named();
        return named == null ? image.manifest() : named;
    }

    /// A statement about each image, and one about their index.
    ///
    /// @param plans of the images, in their order
    /// @param names of the repositories that they lie in
    List<Statement> statements(
            BuiltImages built,
            List<Plan> plans,
            List<String> names,
            ProvenanceRequest request,
            Isolation isolation,
            Instant finished) {
        Invocation invocation = new Invocation(request.builderId(), request.invocationId(), started, finished);
        List<Statement> all = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            all.add(new Statement(
                    built.images().get(i).descriptor(),
                    names,
                    request.detail(),
                    definition,
                    materials(plan),
                    Map.of(
                            "platform",
                            plan.platform().toString(),
                            "isolation",
                            isolation.rung().word()),
                    plan.stages().stream()
                            .flatMap(stage -> stage.steps().stream())
                            .map(step -> ShownUrl.inText(step.label().toString()))
                            .toList(),
                    invocation));
        }
        if (built.isIndex()) {
            List<Descriptor> members =
                    built.images().stream().map(image -> image.descriptor()).toList();
            all.add(ofIndex(built.descriptor(), members, names, request, definition, invocation));
        }
        return all;
    }

    /// An index is made of images, each of which has a statement of its own.
    static Statement ofIndex(
            Descriptor index,
            List<Descriptor> images,
            List<String> names,
            ProvenanceRequest request,
            Definition definition,
            Invocation invocation) {
        ImageReference repository = ImageReference.parse(names.getFirst());
        return new Statement(
                index,
                names,
                request.detail(),
                definition,
                images.stream()
                        .map(image -> Material.image(String.valueOf(image.platform()), repository, image.digest()))
                        .toList(),
                Map.of(),
                List.of(),
                invocation);
    }

    private List<Material> materials(Plan plan) {
        List<Material> all = new ArrayList<>();
        if (!definition.sourceUri().isEmpty()) {
            all.add(Material.of(definition.sourceUri(), revision));
        }
        if (revision == null && read != null) {
            read.dirHash().ifPresent(hash -> all.add(Material.files("context", hash)));
        }
        all.add(Material.text(dockerfile.name(), dockerfile.content()));
        for (BaseImage image : plan.baseImages()) {
            all.add(
                    switch (image.home()) {
                        case ImageHome.Repository(ImageReference reference) ->
                            Material.image(image.name(), reference, named(image));
                        case ImageHome.LayoutFolder _ -> Material.localImage(image.name(), named(image));
                    });
        }
        all.addAll(named.materials());
        new TreeMap<>(remote.revisions()).forEach((uri, of) -> all.add(Material.of(uri, of)));
        return all;
    }
}
