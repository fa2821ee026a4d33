package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.BaseImageStatus;
import build.kiln.crds.HistoryEntry;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.Fault;
import build.kiln.protocol.Part;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What builds an image again although nothing in its resource has changed.
class RebuildsTest {

    private static final String DEBIAN = "sha256:" + "1".repeat(64);

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aTimeThatCameWhileNobodyWasThereIsMadeGoodOnce() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {schedule: '0 4 * * *'}");
        cluster.end(namespace, "web-1-0", succeeded());
        ImageBuildStatus built = cluster.awaitPhase(web, Phase.Succeeded);
        Instant next = next(built);
        assertThat(next).isBetween(Instant.now(), Instant.now().plus(Duration.ofDays(1)));
        cluster.changeStatusWhileNobodyIsThere(
                web, "nextAt", Instant.now().minus(Duration.ofDays(3)).toString());
        cluster.end(namespace, "web-1-1", succeeded());
        ImageBuildStatus again = cluster.awaitStatus(
                web, s -> s.phase() == Phase.Succeeded && s.history().size() == 2);
        assertThat(again.history()).extracting(HistoryEntry::reason).containsExactly("Schedule", "Created");
        assertThat(again.due()).isNull();
        assertThat(next(again)).isAfter(Instant.now());
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0", "web-1-1");
    }

    @Test
    void aTimeThatComesWhileABuildRunsHasItsTurnAfterIt() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {schedule: '0 4 * * *'}");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeStatusWhileNobodyIsThere(web, "nextAt", "2026-01-01T04:00:00Z");
        ImageBuildStatus due = cluster.awaitStatus(web, s -> s.due() != null);
        assertThat(Objects.requireNonNull(due.due()).reason()).isEqualTo("Schedule");
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.end(namespace, "web-1-1", succeeded());
        cluster.awaitStatus(
                web, s -> s.phase() == Phase.Succeeded && s.history().size() == 2);
    }

    @Test
    void aBuildOfSeveralPlatformsIsBuiltAgainAsAWhole() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(
                namespace, "web", "platforms: [linux/amd64, linux/arm64], rebuild: {schedule: '0 4 * * *'}");
        for (int attempt = 0; attempt < 2; attempt++) {
            cluster.end(namespace, "web-1-linux-amd64-" + attempt, succeeded());
            cluster.end(namespace, "web-1-linux-arm64-" + attempt, succeeded());
            cluster.end(namespace, "web-1-index-" + attempt, succeeded());
            int builds = attempt + 1;
            cluster.awaitStatus(
                    web, s -> s.phase() == Phase.Succeeded && s.history().size() == builds);
            if (attempt == 0) {
                cluster.changeStatusWhileNobodyIsThere(web, "nextAt", "2026-01-01T04:00:00Z");
            }
        }
        assertThat(cluster.get(web).getStatus().history())
                .extracting(HistoryEntry::reason)
                .containsExactly("Schedule", "Created");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).hasSize(6);
    }

    @Test
    void aScheduleBuildsNothingByItselfWhenItIsAddedChangedOrTakenAway() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.changeSpec(web, "rebuild: {schedule: '0 4 * * *', timeZone: Europe/Berlin}");
        ImageBuildStatus scheduled = cluster.awaitStatus(web, s -> s.schedule() != null);
        assertThat(conditions(scheduled)).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        cluster.changeSpec(web, "retries: 1");
        cluster.awaitStatus(web, s -> s.phase() == Phase.Succeeded && s.schedule() == null);
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    @Test
    void aScheduleThatCannotBeIsRefusedWithItsField() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {schedule: '0 4 31 2 *'}");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Failed);
        assertThat(conditions(status))
                .isEqualTo("Ready=False/ScheduleInvalid Succeeded=False/ScheduleInvalid Stalled=True/ScheduleInvalid");
        assertThat(Objects.requireNonNull(status.failure()).message())
                .isEqualTo(
                        "spec.rebuild.schedule is \"0 4 31 2 *\", a time that never comes. Name a day that the month has, for example 0 4 1 * *.");
        assertThat(cluster.podNames(namespace)).isEmpty();
        cluster.changeSpec(web, "rebuild: {schedule: '0 4 31 1 *'}");
        cluster.end(namespace, "web-2-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
    }

    /// The time of the schedule before it stands in the status, and comes, and goes.
    @Test
    void aScheduleThatIsRefusedLeavesNoTimeToLookOutFor() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {schedule: '0 4 * * *'}");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitStatus(web, s -> s.phase() == Phase.Succeeded && s.schedule() != null);
        cluster.changeSpec(web, "rebuild: {schedule: '0 4 31 2 *'}");
        assertThat(cluster.awaitPhase(web, Phase.Failed).schedule()).isNull();
    }

    @Test
    void nothingIsBuiltByScheduleWhileSuspended() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {schedule: '0 4 * * *'}");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        cluster.changeSpec(web, "suspend: true, rebuild: {schedule: '0 4 * * *'}");
        cluster.awaitPhase(web, Phase.Suspended);
        cluster.changeStatusWhileNobodyIsThere(web, "nextAt", "2026-01-01T04:00:00Z");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        cluster.changeSpec(web, "rebuild: {schedule: '0 4 * * *'}");
        cluster.awaitPod(namespace, "web-3-0");
    }

    @Test
    void baseImagesThatHaveNotMovedBuildNothingAndTheImageStaysReady() throws Exception {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {onBaseImageChange: true}");
        buildOfDebian(namespace, "web-1-0", DEBIAN);
        cluster.awaitPhase(web, Phase.Succeeded);
        lookNow(web);
        Pod look = cluster.awaitPod(namespace, "web-1-bases-0");
        assertThat(BuildRequest.parse(requireNonNull(
                                look.getMetadata().getAnnotations().get("kiln.build/request")))
                        .part())
                .isEqualTo(new Part.BaseImages(List.of(new BaseImage("debian:12", DEBIAN))));
        assertThat(look.getSpec().getVolumes()).extracting(Volume::getName).containsExactly("request", "work");
        assertThat(conditions(cluster.get(web).getStatus())).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        cluster.end(namespace, "web-1-bases-0", report(new BuildReport.Result.UpToDate()));
        ImageBuildStatus status = cluster.awaitStatus(web, s -> s.baseImagesCheck() != null);
        assertThat(requireNonNull(status.baseImagesCheck()).result()).isEqualTo("UpToDate");
        cluster.awaitGone(namespace, "web-1-bases-0");
        cluster.awaitQuiet(web);
        assertThat(cluster.get(web).getStatus().history()).hasSize(1);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        assertThat(cluster.eventReasons(namespace)).containsExactlyInAnyOrder("Building", "Succeeded", "UpToDate");
    }

    @Test
    void aBaseImageThatHasMovedBuildsTheImageAgain() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {onBaseImageChange: true}");
        buildOfDebian(namespace, "web-1-0", DEBIAN);
        cluster.awaitPhase(web, Phase.Succeeded);
        lookNow(web);
        String moved = "sha256:" + "2".repeat(64);
        cluster.end(
                namespace,
                "web-1-bases-0",
                report(new BuildReport.Result.Moved(List.of(new BaseImage("debian:12", moved)))));
        cluster.awaitPod(namespace, "web-1-1");
        ImageBuildStatus building = cluster.awaitPhase(web, Phase.Building);
        assertThat(building.conditions().getFirst().message())
                .isEqualTo("Pod web-1-1 builds the image, because a base image has moved.");
        assertThat(requireNonNull(building.baseImagesCheck()).message())
                .isEqualTo("debian:12 leads to " + moved + " now, and led to " + DEBIAN + ".");
        buildOfDebian(namespace, "web-1-1", moved);
        ImageBuildStatus again = cluster.awaitStatus(
                web, s -> s.phase() == Phase.Succeeded && s.history().size() == 2);
        assertThat(again.history()).extracting(HistoryEntry::reason).containsExactly("BaseImage", "Created");
        assertThat(again.baseImages()).containsExactly(new BaseImageStatus("debian:12", moved));
        cluster.awaitGone(namespace, "web-1-bases-0");
    }

    @Test
    void aRegistryThatDoesNotSayIsAskedAgainLaterAndFailsNothing() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "rebuild: {onBaseImageChange: true}");
        buildOfDebian(namespace, "web-1-0", DEBIAN);
        cluster.awaitPhase(web, Phase.Succeeded);
        lookNow(web);
        cluster.end(namespace, "web-1-bases-0", failed("RegistryUnavailable", Fault.REMOTE));
        ImageBuildStatus status = cluster.awaitStatus(web, s -> s.baseImagesCheck() != null);
        assertThat(requireNonNull(status.baseImagesCheck()).result()).isEqualTo("RegistryUnavailable");
        assertThat(requireNonNull(status.baseImagesCheck()).message()).isEqualTo("It broke.");
        assertThat(conditions(status)).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        cluster.awaitGone(namespace, "web-1-bases-0");
        cluster.changeSpec(web, "rebuild: {}");
        cluster.awaitStatus(web, s -> s.phase() == Phase.Succeeded && s.baseImagesCheck() == null);
    }

    @Test
    void anOperatorThatDoesNotLookAtFluxSaysSo() {
        String namespace = cluster.newNamespace();
        ImageBuild web = cluster.apply(namespace, "web", "source: {flux: {kind: Bucket, name: site}}", "");
        ImageBuildStatus status = cluster.awaitPhase(web, Phase.Queued);
        assertThat(conditions(status))
                .isEqualTo(
                        "Ready=False/FluxSourceMissing Succeeded=Unknown/FluxSourceMissing Stalled=True/FluxSourceMissing");
        assertThat(status.conditions().getFirst().message())
                .isEqualTo("This operator does not look at Flux's objects (spec.source.flux). The chart's value"
                        + " flux.enabled lets it, or name the source in spec.source.git or spec.source.archive.");
    }

    private static void buildOfDebian(String namespace, String pod, String digest) {
        BuildReport built = succeeded();
        cluster.end(
                namespace,
                pod,
                BuildReport.of(
                        built.result(),
                        "userns",
                        null,
                        List.of(new BaseImage("debian:12", digest)),
                        List.of(),
                        List.of()));
    }

    private static BuildReport report(BuildReport.Result result) {
        return BuildReport.of(result, null, null, List.of(), List.of(), List.of());
    }

    /// The last build was long ago.
    private static void lookNow(ImageBuild build) {
        cluster.changeStatusWhileNobodyIsThere(build, "finishedAt", "2026-01-01T00:00:00Z");
    }

    private static Instant next(ImageBuildStatus status) {
        return Instant.parse(Objects.requireNonNull(status.schedule()).nextAt());
    }
}
