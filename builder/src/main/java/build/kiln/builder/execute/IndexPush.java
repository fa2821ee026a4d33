package build.kiln.builder.execute;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.PulledImage;
import build.kiln.builder.registry.Registry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Makes one image for several platforms of images that are in a registry already.
public final class IndexPush {

    private final Registry registry;
    private final Progress progress;
    private final Clock clock;

    public IndexPush(Registry registry, Progress progress, Clock clock) {
        this.registry = registry;
        this.progress = progress;
        this.clock = clock;
    }

    /// What is done when the index is stored by its digest, and before a tag leads to it.
    public interface BeforeTags {

        /// @param images in the order of the index, with their platforms
        void run(Descriptor index, List<Descriptor> images);
    }

    /// An image of the repository.
    public record Member(Platform platform, Digest digest) {}

    /// @param index what the tags lead to now
    /// @param sizeBytes configs and compressed layers of all images together
    public record Result(Descriptor index, long sizeBytes) {}

    /// Looks at each image, then stores the index by its digest, and at last lets the tags lead to it.
    ///
    /// Safe to repeat: the same images make the same index.
    ///
    /// @param members in the order of the index
    /// @param targets all names that the index gets, at least one, of one repository
    /// @param annotations of the index, by the manifests of its images
    /// @throws build.kiln.builder.failure.RegistryFailure if an image is not there, or anything could not be sent:
    ///     no tag has moved before all images were seen
    public Result push(
            List<Member> members,
            List<ImageReference> targets,
            Function<List<ImageManifest>, Map<String, String>> annotations,
            BeforeTags before) {
        ImageReference repository = targets.getFirst();
        progress.pushing(repository.toString());
        Progress.Activity activity = progress.start("pushing the index " + repository);
        Instant start = clock.instant();
        try {
            List<Descriptor> descriptors = new ArrayList<>();
            List<ImageManifest> manifests = new ArrayList<>();
            long sizeBytes = 0;
            for (Member member : members) {
                PulledImage image = registry.image(repository.withDigest(member.digest()), member.platform());
                descriptors.add(image.descriptor().withPlatform(image.config().platform()));
                manifests.add(image.manifest());
                sizeBytes += image.manifest().config().sizeBytes()
                        + image.manifest().layers().stream()
                                .mapToLong(Descriptor::sizeBytes)
                                .sum();
            }
            byte[] json = new ImageIndex(MediaTypes.OCI_INDEX, descriptors, annotations.apply(manifests)).toJson();
            Descriptor index = registry.pushManifest(repository, MediaTypes.OCI_INDEX, json);
            before.run(index, descriptors);
            targets.forEach(target -> registry.tag(target, index, json));
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
            return new Result(index, sizeBytes);
        } catch (RuntimeException e) {
            activity.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }
}
