package build.kiln.operator.policy;

import static build.kiln.operator.policy.Fixtures.imageBuild;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.BaseImageStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.protocol.BaseImage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseImagesTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final String BUILT =
            "phase: Succeeded, build: {finishedAt: '2026-03-01T10:00:00Z'}, baseImages: [{name: 'debian:12', digest: 'sha256:1'}]";

    @Test
    void aLookComesAnIntervalAfterTheBuildOrTheLastLookAQuarterMoreOrLess() {
        Instant built = Instant.parse("2026-03-01T10:00:00Z");
        assertThat(BaseImages.nextCheck(imageBuild(1, "", BUILT), HOUR).orElseThrow())
                .isBetween(
                        built.plus(HOUR.multipliedBy(3).dividedBy(4)),
                        built.plus(HOUR.multipliedBy(5).dividedBy(4)));
        String looked = BUILT + ", baseImagesCheck: {checkedAt: '2026-03-01T11:00:00Z', result: UpToDate, message: m}";
        assertThat(BaseImages.nextCheck(imageBuild(1, "", looked), HOUR))
                .isEqualTo(BaseImages.nextCheck(imageBuild(1, "", BUILT), HOUR).map(at -> at.plus(HOUR)));
    }

    @Test
    void whatWasBuiltAtTheSameTimeIsNotLookedAtAtTheSameTime() {
        assertThat(IntStream.range(0, 100)
                        .mapToObj(i -> {
                            ImageBuild build = imageBuild(1, "", BUILT);
                            build.getMetadata().setUid("0a1b2c3d-" + i);
                            return BaseImages.nextCheck(build, HOUR).orElseThrow();
                        })
                        .distinct())
                .hasSizeGreaterThan(50);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "phase: Building, build: {generation: 1}, baseImages: [{name: 'debian:12', digest: 'sha256:1'}]",
                "phase: Succeeded, build: {finishedAt: '2026-03-01T10:00:00Z'}",
                "phase: Succeeded, build: {finishedAt: '2026-03-01T10:00:00Z'}, baseImages: [{name: 'debian@sha256:1', digest: 'sha256:1'}]",
                BUILT + ", due: {reason: BaseImage, since: '2026-03-01T10:00:00Z'}",
            })
    void nobodyLooksWhileThereIsNothingToSee(String status) {
        assertThat(BaseImages.nextCheck(imageBuild(1, "", status), HOUR)).isEmpty();
    }

    @Test
    void whatWasSeenLastIsWhatIsKnown() {
        String looked = BUILT
                + ", baseImagesCheck: {checkedAt: '2026-03-01T11:00:00Z', result: Moved, message: m, images: [{name: 'debian:12', digest: 'sha256:2'}]}";
        assertThat(BaseImages.known(imageBuild(1, "", looked).getStatus()))
                .containsExactly(new BaseImage("debian:12", "sha256:2"));
        List<BaseImage> known = List.of(new BaseImage("debian:12", "sha256:1"), new BaseImage("node", "sha256:7"));
        List<BaseImage> answer = List.of(new BaseImage("debian:12", "sha256:2"), new BaseImage("node", "sha256:7"));
        List<BaseImage> news = BaseImages.news(known, answer);
        assertThat(BaseImages.inWords(known, news)).isEqualTo("debian:12 leads to sha256:2 now, and led to sha256:1.");
        assertThat(BaseImages.with(known, news))
                .containsExactly(new BaseImageStatus("debian:12", "sha256:2"), new BaseImageStatus("node", "sha256:7"));
    }
}
