package build.kiln.operator.status;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.PlatformStatus;
import java.util.List;

/// One platform of an ImageBuild for several, as if it were an ImageBuild of its own: the same wish, and the status of
/// this platform alone.
public final class PlatformViews {

    private PlatformViews() {}

    public static ImageBuild of(ImageBuild build, String platform) {
        ImageBuild view = new ImageBuild();
        view.setMetadata(build.getMetadata());
        view.setSpec(build.getSpec());
        view.setStatus(platforms(build).stream()
                .filter(p -> p.platform().equals(platform))
                .findFirst()
                .map(PlatformViews::toView)
                .orElse(ImageBuildStatus.NONE));
        return view;
    }

    /// What was known of each platform.
    public static List<PlatformStatus> platforms(ImageBuild build) {
        return build.getStatus() == null ? List.of() : build.getStatus().platforms();
    }

    private static ImageBuildStatus toView(PlatformStatus platform) {
        return new ImageBuildStatus(
                null,
                platform.phase(),
                platform.conditions(),
                null,
                platform.digest(),
                platform.sizeBytes(),
                List.of(),
                platform.isolation(),
                platform.isolationLeftOut(),
                platform.source(),
                platform.baseImages(),
                List.of(),
                null,
                platform.build(),
                platform.steps(),
                platform.failure(),
                platform.warnings(),
                platform.rebuildRequestedAt(),
                List.of());
    }

    /// The way back: what of a view's status is kept.
    public static PlatformStatus toStatus(String platform, ImageBuildStatus view) {
        return new PlatformStatus(
                platform,
                view.phase(),
                view.conditions(),
                view.digest(),
                view.sizeBytes(),
                view.isolation(),
                view.isolationLeftOut(),
                view.source(),
                view.baseImages(),
                view.build(),
                view.steps(),
                view.failure(),
                view.warnings(),
                view.rebuildRequestedAt());
    }
}
