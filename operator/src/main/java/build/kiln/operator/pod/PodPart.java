package build.kiln.operator.pod;

import build.kiln.protocol.BaseImage;
import build.kiln.protocol.Part;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What of a build a pod does.
public sealed interface PodPart {

    /// The part's label on the pod of an index.
    String INDEX = "index";

    /// The part's label on a pod that looks at base images.
    String BASE_IMAGES = "bases";

    /// All of it, for one platform.
    record Whole(String platform) implements PodPart {}

    /// The image of one platform of several, pushed by digest.
    record Platform(String platform) implements PodPart {}

    /// The index of the platforms' images, when they are all there.
    ///
    /// @param platform of the node
    record Index(String platform, List<Part.Image> images) implements PodPart {
        public Index {
            images = List.copyOf(images);
        }
    }

    /// A look whether base images have moved; builds nothing.
    ///
    /// @param platform of the node
    /// @param known what their names led to when that was last seen
    record BaseImages(String platform, List<BaseImage> known) implements PodPart {
        public BaseImages {
            known = List.copyOf(known);
        }
    }

    /// Whether it needs neither source nor cache, and runs nothing of the user's.
    default boolean isSmall() {
        return switch (this) {
            case Whole whole -> false;
            case Platform ofOne -> false;
            case Index index -> true;
            case BaseImages images -> true;
        };
    }

    /// Of the node that the pod needs.
    String platform();

    default String os() {
        return platform().split("/", -1)[0];
    }

    default String architecture() {
        return platform().split("/", -1)[1];
    }

    /// As part of the pod's name and value of its label; empty for a whole build.
    default String word() {
        return switch (this) {
            case Whole whole -> "";
            case Platform(String platform) -> wordOf(platform);
            case Index index -> INDEX;
            case BaseImages images -> BASE_IMAGES;
        };
    }

    /// The word of a platform's pods: `linux-arm64`.
    static String wordOf(String platform) {
        return platform.replaceAll("[^a-z0-9]", "-");
    }

    /// For the builder; null for a whole build.
    default @Nullable Part toRequest() {
        return switch (this) {
            case Whole whole -> null;
            case Platform platform -> new Part.Platform();
            case Index index -> new Part.Index(index.images());
            case BaseImages images -> new Part.BaseImages(images.known());
        };
    }
}
