package build.kiln.operator.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Circumstances;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeanStoreTest {

    private static final String POD = """
        metadata:
          name: web-1-0
          namespace: team-a
          uid: u
          creationTimestamp: "2026-01-01T00:00:00Z"
          labels: {kiln.build/generation: "1", kiln.build/attempt: "0"}
          annotations: {kiln.build/request: "%s"}
          managedFields: [{manager: m, operation: Update}]
          ownerReferences: [{apiVersion: v1, kind: ImageBuild, name: web, uid: o}]
        spec:
          nodeName: n
          hostUsers: false
          nodeSelector: {kubernetes.io/arch: arm64}
          tolerations: [{key: a}]
          volumes:
            - {name: request, downwardAPI: {}}
            - {name: cache, persistentVolumeClaim: {claimName: kiln-cache}}
          containers:
            - name: builder
              env: [{name: A, value: b}]
              resources: {limits: {memory: 1Gi}}
        status:
          phase: Failed
          containerStatuses:
            - {name: builder, state: {terminated: {exitCode: 137, reason: OOMKilled, message: ""}}}
        """.formatted("x".repeat(1000));

    @Test
    void whatIsReadOfAPodIsKeptAndNothingOfItReadsOtherwise() {
        Pod whole = Serialization.unmarshal(POD, Pod.class);
        ItemStore<Pod> store = LeanStore.ofPods(Set.of()).orElseThrow();
        store.put("team-a/web-1-0", Serialization.unmarshal(POD, Pod.class));
        Pod lean = store.get("team-a/web-1-0");

        assertThat(BuilderPod.of(lean, Optional.empty(), List.of()))
                .isEqualTo(BuilderPod.of(whole, Optional.empty(), List.of()));
        assertThat(Circumstances.of(lean)).isEqualTo(Circumstances.of(whole));
        assertThat(lean.getMetadata().getOwnerReferences())
                .isEqualTo(whole.getMetadata().getOwnerReferences());
        assertThat(lean.getSpec().getContainers().getFirst().getResources().getLimits())
                .containsEntry("memory", new Quantity("1Gi"));
    }

    @Test
    void theRequestAndTheBooksOfTheApiServerAreNotKept() {
        ItemStore<Pod> store = LeanStore.ofPods(Set.of()).orElseThrow();
        store.put("team-a/web-1-0", Serialization.unmarshal(POD, Pod.class));
        Pod lean = store.get("team-a/web-1-0");

        assertThat(lean.getMetadata().getAnnotations()).isNullOrEmpty();
        assertThat(lean.getMetadata().getManagedFields()).isNullOrEmpty();
        assertThat(Serialization.asJson(lean).length()).isLessThan(900);
    }

    @Test
    void ofAnImageBuildOnlyItsSecondCopyIsLeftOut() {
        ImageBuild build = new ImageBuild();
        build.getMetadata().setName("web");
        build.getMetadata().setNamespace("team-a");
        build.getMetadata()
                .setAnnotations(Map.of(
                        ImageBuild.REBUILD_REQUESTED_AT,
                        "now",
                        "kubectl.kubernetes.io/last-applied-configuration",
                        "{}"));
        build.getMetadata()
                .setManagedFields(
                        List.of(new ManagedFieldsEntryBuilder().withManager("m").build()));
        ItemStore<ImageBuild> store = LeanStore.ofBuilds(Set.of()).orElseThrow();
        store.put(store.getKey(build), build);

        ImageBuild lean = store.get("team-a/web");
        assertThat(lean.getMetadata().getAnnotations()).isEqualTo(Map.of(ImageBuild.REBUILD_REQUESTED_AT, "now"));
        assertThat(lean.getMetadata().getManagedFields()).isNullOrEmpty();
    }
}
