package build.kiln.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.pod.BuilderSettings.CacheLimits;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.ProtocolMismatch;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Golden pods. With `-Dkiln.regenerate=true` they are written instead, for a person to read before they are committed.
class BuilderPodsTest {

    private static final Path CASES = Path.of("src", "test", "resources", "pods");
    private static final BuilderPods PODS = new BuilderPods(BuilderFixtures.SETTINGS);
    private static final PodOrder FIRST = BuilderFixtures.first(CacheUse.Reach.ONE_NODE);

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "everything"})
    void thePodIsTheGoldenOne(String name) throws IOException {
        Path golden = CASES.resolve(name).resolve("pod.yaml");
        String pod = Serialization.asYaml(pod(name));
        if (Boolean.getBoolean("kiln.regenerate")) {
            Files.writeString(golden, pod);
        }
        assertThat(pod).isEqualTo(Files.readString(golden));
    }

    @Test
    void ofTheImageBuildsOwnLabelsOnlyThoseForKueueGoToItsPods() throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")), ImageBuild.class);
        build.getMetadata()
                .setLabels(Map.of(
                        "kueue.x-k8s.io/queue-name",
                        "builds",
                        "kueue.x-k8s.io/priority-class",
                        "release",
                        "kueue.x-k8s.io/managed",
                        "false",
                        "argocd.argoproj.io/instance",
                        "apps"));
        Map<String, String> labels =
                PODS.desired(build, FIRST, ChosenRung.STRONGEST).getMetadata().getLabels();
        assertThat(labels)
                .containsEntry("kueue.x-k8s.io/queue-name", "builds")
                .containsEntry("kueue.x-k8s.io/priority-class", "release")
                .doesNotContainKeys("kueue.x-k8s.io/managed", "argocd.argoproj.io/instance");
        PodOrder look = PodOrder.small(
                new PodPart.BaseImages("linux/amd64", List.of(new BaseImage("debian:13", "sha256:" + "5".repeat(64)))),
                1,
                Duration.ofMinutes(5));
        assertThat(PODS.desired(build, look, ChosenRung.STRONGEST).getMetadata().getLabels())
                .as("what only looks at base images waits in no queue")
                .doesNotContainKey("kueue.x-k8s.io/queue-name");
    }

    @Test
    void theRequestInTheAnnotationIsOneThatTheBuilderTakes() throws ProtocolMismatch, IOException {
        Pod pod = pod("everything");
        BuildRequest request = BuildRequest.parse(
                Objects.requireNonNull(pod.getMetadata().getAnnotations().get("kiln.build/request")));
        assertThat(request.source())
                .isEqualTo(new BuildRequest.Source.Git(
                        "https://git.example.com/team-a/web.git", "v1.2", true, "git-auth"));
        assertThat(request.timeoutSeconds()).isEqualTo(5400);
        assertThat(request.attempt()).isEqualTo(2);
        assertThat(request.contexts())
                .isEqualTo(Map.of(
                        "base",
                        "docker-image://registry.example.com/base:1",
                        "docs",
                        "https://git.example.com/docs.git#main"));
        assertThat(request.secrets())
                .containsExactly(
                        new BuildRequest.RunSecret("npmrc", "npm", ".npmrc"),
                        new BuildRequest.RunSecret("token", "npm", "token"));
        assertThat(request.ssh()).containsExactly(new BuildRequest.SshKey("default", "git-ssh"));
        assertThat(request.output().predefinedAnnotations()).isTrue();
        assertThat(request.output().provenance())
                .isEqualTo(new BuildRequest.Provenance(BuildRequest.Detail.MAX, "https://builders.example.com/kiln"));
        assertThat(request.verify())
                .isEqualTo(new BuildRequest.Verify(List.of("/web", "--version"), 30, BuildRequest.Network.HOST));
    }

    @Test
    void theSameAttemptIsTheSamePod() throws IOException {
        assertThat(pod("everything")).isEqualTo(pod("everything"));
    }

    @Test
    void aSecretOfTheUserNeverPassesThroughTheOperator() throws IOException {
        Pod pod = pod("everything");
        assertThat(pod.getSpec().getVolumes())
                .filteredOn(v -> v.getSecret() != null)
                .allSatisfy(v -> assertThat(v.getSecret().getOptional()).isTrue())
                .extracting(v -> v.getSecret().getSecretName())
                .containsExactly("regcred", "git-auth", "npm", "git-ssh");
        assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
    }

    @Test
    void aBuilderKnowsThatNothingStaysWithoutAClaim() throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")), ImageBuild.class);
        BuilderPods without = new BuilderPods(BuilderFixtures.settings(Optional.empty(), RungSettings.DEFAULT));
        assertThat(request(PODS.desired(build, FIRST, ChosenRung.STRONGEST))).contains("\"cache\":\"namespace\"");
        assertThat(request(without.desired(build, FIRST, ChosenRung.STRONGEST))).contains("\"cache\":\"none\"");
    }

    @Test
    void theLimitsOfTheCacheAreInTheRequest() throws Exception {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")), ImageBuild.class);
        BuilderPods limited = new BuilderPods(BuilderFixtures.settings(
                Optional.of(BuilderFixtures.CLAIM),
                new CacheLimits(OptionalLong.of(200L << 30), OptionalLong.empty()),
                RungSettings.DEFAULT));
        assertThat(BuildRequest.parse(request(limited.desired(build, FIRST, ChosenRung.STRONGEST)))
                        .cacheLimits())
                .isEqualTo(new BuildRequest.CacheLimits(200L << 30, null));
        assertThat(request(PODS.desired(build, FIRST, ChosenRung.STRONGEST))).doesNotContain("cacheLimits");
    }

    @Test
    void howManyProcessesARunMayHaveIsInTheRequestIfSomebodyChoseIt() throws Exception {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")), ImageBuild.class);
        BuilderPods chosen = new BuilderPods(BuilderFixtures.settings(
                Optional.of(BuilderFixtures.CLAIM),
                new RungSettings(Rung.ASSEMBLE, Optional.empty(), Optional.empty(), 20_000)));
        assertThat(BuildRequest.parse(request(chosen.desired(build, FIRST, ChosenRung.STRONGEST)))
                        .pidsLimit())
                .isEqualTo(20_000);
        assertThat(request(PODS.desired(build, FIRST, ChosenRung.STRONGEST))).doesNotContain("pidsLimit");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        archive: {url: 'https://a/b.tar', credentialsSecret: it} | archive-secret | /kiln/secrets/archive
        git: {url: 'https://a/b.git', credentialsSecret: it}     | git-secret     | /kiln/secrets/git
        image: {reference: a/b, pullSecret: it}                  | pull-secret    | /kiln/secrets/pull
        configMap: {name: it}                                    | source         | /kiln/source
        volume: {claimName: it}                                  | source         | /kiln/source
        """)
    void whatASourceNeedsIsMountedReadOnly(String source, String volume, String path) throws Exception {
        ImageBuild build = Serialization.unmarshal(
                "apiVersion: kiln.build/v1alpha1\nkind: ImageBuild\nmetadata: {name: a, namespace: b, uid: c}\n"
                        + "spec: {source: {" + source + "}, output: {image: a}}\n",
                ImageBuild.class);
        Pod pod = PODS.desired(build, FIRST, ChosenRung.STRONGEST);
        assertThat(pod.getSpec().getContainers().getFirst().getVolumeMounts())
                .filteredOn(mount -> mount.getName().equals(volume))
                .singleElement()
                .satisfies(mount -> {
                    assertThat(mount.getMountPath()).isEqualTo(path);
                    assertThat(mount.getReadOnly()).isTrue();
                });
        assertThat(pod.getSpec().getVolumes())
                .filteredOn(one -> one.getName().equals(volume))
                .singleElement()
                .satisfies(one -> {
                    if (one.getSecret() != null) {
                        assertThat(one.getSecret().getSecretName()).isEqualTo("it");
                        assertThat(one.getSecret().getOptional()).isTrue();
                    } else if (one.getConfigMap() != null) {
                        assertThat(one.getConfigMap().getName()).isEqualTo("it");
                        assertThat(one.getConfigMap().getOptional()).isTrue();
                    } else {
                        assertThat(one.getPersistentVolumeClaim().getClaimName())
                                .isEqualTo("it");
                    }
                });
        assertThat(BuildRequest.parse(request(pod)).source()).isNotNull();
    }

    private static String request(Pod pod) {
        return Objects.requireNonNull(pod.getMetadata().getAnnotations().get("kiln.build/request"));
    }

    @Test
    void aBuildWithoutCacheDoesNotSeeTheClaim() throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")) + "  cache: {scope: none}\n",
                ImageBuild.class);
        Pod pod = PODS.desired(
                build,
                new PodOrder(
                        BuilderFixtures.WHOLE,
                        1,
                        0,
                        0,
                        Duration.ofHours(1),
                        Duration.ZERO,
                        Optional.empty(),
                        Optional.empty()),
                ChosenRung.STRONGEST);
        assertThat(pod.getSpec().getVolumes())
                .filteredOn(v -> v.getName().equals("cache"))
                .singleElement()
                .satisfies(v -> assertThat(v.getEmptyDir()).isNotNull());
        assertThat(pod.getSpec().getAffinity()).isNull();
        assertThat(pod.getMetadata().getLabels()).doesNotContainKey("kiln.build/cache");
        assertThat(BuilderFixtures.SETTINGS.claimFor(build.getSpec().cache().scope(), BuilderFixtures.WHOLE))
                .isEmpty();
    }

    @Test
    void podsOfAClaimThatManyNodesCanHaveMayBeAnywhere() throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")), ImageBuild.class);
        assertThat(PODS.desired(build, BuilderFixtures.first(CacheUse.Reach.ANY_NODE), ChosenRung.STRONGEST)
                        .getSpec()
                        .getAffinity())
                .isNull();
    }

    @Test
    void aPodIsOneOfThoseThatItHasToBeBesides() throws IOException {
        Pod pod = pod("everything");
        var rules = pod.getSpec().getAffinity().getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        assertThat(rules).singleElement().satisfies(rule -> {
            assertThat(pod.getMetadata().getLabels())
                    .containsAllEntriesOf(rule.getLabelSelector().getMatchLabels());
            assertThat(rule.getTopologyKey()).isEqualTo("kubernetes.io/hostname");
        });
        assertThat(pod.getSpec().getAffinity().getNodeAffinity()).isNotNull();
    }

    @Test
    void aBuildThatOnlyReadsTheCacheSaysSoAndKeepsTheVolume() throws Exception {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")) + "  cache: {readOnly: true}\n",
                ImageBuild.class);
        Pod pod = PODS.desired(build, FIRST, ChosenRung.STRONGEST);
        String request =
                Objects.requireNonNull(pod.getMetadata().getAnnotations().get("kiln.build/request"));

        assertThat(BuildRequest.parse(request).cache()).isEqualTo(BuildRequest.CacheScope.NAMESPACE_READ_ONLY);
        assertThat(pod.getSpec().getVolumes())
                .filteredOn(volume -> volume.getName().equals("cache"))
                .singleElement()
                .satisfies(
                        volume -> assertThat(volume.getPersistentVolumeClaim()).isNotNull());
    }

    private static Pod pod(String name) throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve(name).resolve("imagebuild.yaml")), ImageBuild.class);
        Duration timeout = name.equals("minimal") ? Duration.ofHours(1) : Duration.ofMinutes(90);
        return PODS.desired(
                build, BuilderFixtures.order(3, 2, 1, timeout, CacheUse.Reach.ONE_NODE), ChosenRung.STRONGEST);
    }
}
