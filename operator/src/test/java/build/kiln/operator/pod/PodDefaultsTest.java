package build.kiln.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.pod.BuilderSettings.CacheLimits;
import build.kiln.protocol.PodFiles;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What builder pods get that say nothing else.
class PodDefaultsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 4Gi}} | {}                                          | {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 4Gi}}
        {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 4Gi}} | {limits: {memory: 8Gi}}                     | {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 8Gi}}
        {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 4Gi}} | {limits: {memory: 512Mi}}                   | {requests: {cpu: 500m, memory: 512Mi}, limits: {memory: 512Mi}}
        {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 4Gi}} | {requests: {memory: 6Gi}}                   | {requests: {cpu: 500m, memory: 6Gi}, limits: {memory: 6Gi}}
        {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 4Gi}} | {requests: {cpu: '2'}, limits: {cpu: '4'}}  | {requests: {cpu: '2', memory: 1Gi}, limits: {cpu: '4', memory: 4Gi}}
        {}                                                          | {requests: {cpu: '2'}}                      | {requests: {cpu: '2'}}
        """)
    void theUsersResourcesWinAndTheRestFitsToThem(String standard, String user, String expected) {
        PodDefaults defaults = new PodDefaults(resources(standard), Map.of(), Optional.empty(), Optional.empty());
        assertThat(Serialization.asJson(defaults.resources(resources(user))))
                .isEqualTo(Serialization.asJson(resources(expected)));
    }

    @Test
    void aProxyOfTheUserWinsInEitherCaseOfLetters() {
        PodDefaults defaults = new PodDefaults(
                new ResourceRequirements(),
                Map.of("HTTP_PROXY", "http://all:3128", "HTTPS_PROXY", "http://all:3128", "NO_PROXY", ".svc"),
                Optional.empty(),
                Optional.empty());
        List<EnvVar> env = defaults.environment(List.of(new EnvVar("https_proxy", "http://mine:3128", null)));
        assertThat(env)
                .extracting(v -> v.getName() + "=" + v.getValue())
                .containsExactly("https_proxy=http://mine:3128", "HTTP_PROXY=http://all:3128", "NO_PROXY=.svc");
    }

    @Test
    void filesOfTheOperatorReachTheBuilderThroughThePodItself() throws IOException {
        BuilderSettings settings = new BuilderSettings(
                "registry.example.com/kiln/builder:1",
                "IfNotPresent",
                Optional.empty(),
                CacheLimits.CHOSEN_BY_BUILDER,
                "linux/amd64",
                RungSettings.DEFAULT,
                new PodDefaults(
                        new ResourceRequirements(),
                        Map.of(),
                        Optional.of("[[registry]]\n"),
                        Optional.of("-----BEGIN\n")),
                Duration.ofMinutes(10),
                "https://builders.example.com/kiln");
        Pod pod = pod(settings);
        assertThat(pod.getMetadata().getAnnotations())
                .containsEntry("kiln.build/registries.conf", "[[registry]]\n")
                .containsEntry("kiln.build/ca.crt", "-----BEGIN\n");
        assertThat(pod.getSpec().getVolumes())
                .filteredOn(v -> v.getName().equals("request"))
                .singleElement()
                .satisfies(v -> assertThat(v.getDownwardAPI().getItems())
                        .extracting(i -> i.getPath() + " <- " + i.getFieldRef().getFieldPath())
                        .containsExactly(
                                "request.json <- metadata.annotations['kiln.build/request']",
                                "registries.conf <- metadata.annotations['kiln.build/registries.conf']",
                                "ca.crt <- metadata.annotations['kiln.build/ca.crt']"));
        assertThat(pod.getSpec().getVolumes()).noneMatch(v -> v.getConfigMap() != null);
        assertThat(BuilderPods.requestBytes(pod))
                .isEqualTo(Objects.requireNonNull(
                                        pod.getMetadata().getAnnotations().get(PodFiles.REQUEST_ANNOTATION))
                                .length()
                        + 13
                        + 11);
    }

    private static Pod pod(BuilderSettings settings) throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(Path.of("src/test/resources/pods/minimal/imagebuild.yaml")), ImageBuild.class);
        return new BuilderPods(settings)
                .desired(build, BuilderFixtures.first(CacheUse.Reach.ANY_NODE), ChosenRung.STRONGEST);
    }

    private static ResourceRequirements resources(String yaml) {
        try {
            return Serialization.yamlMapper().readValue(yaml, ResourceRequirements.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
