package build.kiln.operator.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.pod.BuilderPods;
import build.kiln.operator.pod.BuilderSettings;
import build.kiln.operator.pod.BuilderSettings.CacheLimits;
import build.kiln.operator.pod.PodDefaults;
import build.kiln.operator.pod.RungSettings;
import build.kiln.operator.policy.BaseImages;
import build.kiln.operator.policy.Fixtures;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// When an ImageBuild is looked at again if nothing happens.
class LookAgainTest {

    @Test
    void nothingRestsForLongerThanItMayBeAwayFromAnEventThatWasLost() {
        assertThat(millis(Optional.empty())).isEqualTo(600_000);
        assertThat(millis(Optional.of(Duration.ofHours(20)))).isEqualTo(600_000);
        assertThat(millis(Optional.of(Duration.ofSeconds(5)))).isEqualTo(5000);
        assertThat(millis(Optional.of(Duration.ofDays(-3)))).isEqualTo(100);
    }

    private static long millis(Optional<Duration> after) {
        return ImageBuildReconciler.lookAgain(after).getScheduleDelay().orElseThrow();
    }

    @Test
    void baseImagesThatWaitForTheirTurnForLongAskForItSeldom() {
        assertThat(lookAgain(Duration.ofSeconds(10))).isEqualTo(Duration.ofSeconds(20));
        assertThat(lookAgain(Duration.ofMinutes(30)))
                .isEqualTo(Duration.ofMinutes(30).dividedBy(4));
    }

    /// @param overdue so long ago they should have been looked at
    private static Duration lookAgain(Duration overdue) {
        BuilderSettings settings = new BuilderSettings(
                "registry.example.com/kiln/builder:1",
                "IfNotPresent",
                Optional.empty(),
                CacheLimits.CHOSEN_BY_BUILDER,
                "linux/amd64",
                RungSettings.DEFAULT,
                PodDefaults.NONE,
                Duration.ofMinutes(10),
                "https://builders.example.com/kiln");
        String status = "phase: Succeeded, baseImages: [{name: 'debian:12', digest: 'sha256:1'}],"
                + " build: {generation: 1, finishedAt: '2026-03-01T12:00:00Z'}";
        var build = Fixtures.imageBuild(1, "rebuild: {onBaseImageChange: true}", status);
        var next = BaseImages.nextCheck(build, Duration.ofHours(1)).orElseThrow();
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            return new BaseImageChecks(
                            new BuilderPods(settings),
                            new BuilderPodsInCluster(client),
                            Clock.offset(Fixtures.CLOCK, Duration.between(Fixtures.NOW, next.plus(overdue))),
                            Duration.ofHours(1),
                            () -> 10)
                    .advance(build, List.of())
                    .lookAgain()
                    .orElseThrow();
        }
    }
}
