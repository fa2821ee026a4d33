package build.kiln.operator.policy;

import build.kiln.crds.BaseImageStatus;
import build.kiln.crds.BaseImagesCheck;
import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.BaseImage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which base images there are to look at, when, and what a look says.
public final class BaseImages {

    /// The word for a look that found all of them where they were.
    public static final String UP_TO_DATE = "UpToDate";

    /// The word for a look that found one elsewhere.
    public static final String MOVED = "Moved";

    private BaseImages() {}

    /// What the names were last seen to lead to. A name that has its digest in it cannot move.
    public static List<BaseImage> known(ImageBuildStatus status) {
        BaseImagesCheck last = status.baseImagesCheck();
        List<BaseImageStatus> seen = last == null || last.images().isEmpty() ? status.baseImages() : last.images();
        return seen.stream()
                .filter(image -> !image.name().contains("@"))
                .map(image -> new BaseImage(image.name(), image.digest()))
                .toList();
    }

    /// When to look next; empty while there is nothing to look at, or while a build is under way.
    ///
    /// A quarter more or less than the interval, so that what was built at the same time is not looked at so.
    public static Optional<Instant> nextCheck(ImageBuild build, Duration interval) {
        ImageBuildStatus status = build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
        BuildStatus last = status.build();
        boolean rests = status.phase() == Phase.Succeeded || status.phase() == Phase.Failed;
        if (!rests
                || last == null
                || last.finishedAt() == null
                || status.due() != null
                || known(status).isEmpty()) {
            return Optional.empty();
        }
        Instant since = Instant.parse(last.finishedAt());
        if (status.baseImagesCheck() instanceof BaseImagesCheck check) {
            Instant checkedAt = Instant.parse(check.checkedAt());
            since = checkedAt.isAfter(since) ? checkedAt : since;
        }
        int spread = Math.floorMod(Objects.hashCode(build.getMetadata().getUid()), 501);
        return Optional.of(since.plus(interval.multipliedBy(750 + spread).dividedBy(1000)));
    }

    /// Those that lead elsewhere than is known; a build may have come before the answer.
    public static List<BaseImage> news(List<BaseImage> known, List<BaseImage> answer) {
        return answer.stream().filter(now -> !known.contains(now)).toList();
    }

    /// What is known once the answer is.
    public static List<BaseImageStatus> with(List<BaseImage> known, List<BaseImage> answer) {
        return known.stream()
                .map(before -> answer.stream()
                        .filter(now -> now.name().equals(before.name()))
                        .findFirst()
                        .orElse(before))
                .map(image -> new BaseImageStatus(image.name(), image.digest()))
                .toList();
    }

    /// `debian:12 leads to sha256:… now, and led to sha256:….`
    public static String inWords(List<BaseImage> known, List<BaseImage> moved) {
        return moved.stream()
                .map(now -> "%s leads to %s now, and led to %s."
                        .formatted(
                                now.name(),
                                now.digest(),
                                known.stream()
                                        .filter(before -> before.name().equals(now.name()))
                                        .map(BaseImage::digest)
                                        .findFirst()
                                        .orElse("nothing")))
                .collect(Collectors.joining(" "));
    }
}
