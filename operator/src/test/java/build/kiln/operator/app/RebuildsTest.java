package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.conditions;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.HistoryEntry;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What builds an image again although nothing in its resource has changed.
class RebuildsTest {

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
        cluster.end(namespace, "web-3-0", succeeded());
        cluster.awaitStatus(web, s -> s.phase() == Phase.Succeeded && s.schedule() == null);
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

    private static Instant next(ImageBuildStatus status) {
        return Instant.parse(Objects.requireNonNull(status.schedule()).nextAt());
    }
}
