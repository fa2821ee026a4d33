package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// A pod with the gate of Kueue. An admission policy puts it there as Kueue's webhook does, and the row lifts it as
/// Kueue
/// does when the queue has room; Kueue itself need not be installed.
final class QueuedByKueue implements Row {

    private static final String QUEUE = "kueue.x-k8s.io/queue-name";

    @Override
    public String name() {
        return "kueue";
    }

    @Override
    public String claim() {
        return "A pod that Kueue holds back waits without using time, and builds when Kueue lets it go";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        if (!stage.cluster().has("admissionregistration.k8s.io/v1", "mutatingadmissionpolicies")) {
            throw new LeftOut("This cluster knows no MutatingAdmissionPolicy, which plays Kueue's webhook: Kubernetes"
                    + " has it from 1.36.");
        }
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        scene.create(Specs.yaml("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingAdmissionPolicy
            metadata: {name: "{{namespace}}"}
            spec:
              reinvocationPolicy: Never
              matchConstraints:
                resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
              matchConditions:
                - {name: queued, expression: "'%1$s' in object.metadata.?labels.orValue({})"}
              mutations:
                - patchType: ApplyConfiguration
                  applyConfiguration:
                    expression: >-
                      Object{metadata: Object.metadata{labels: {'kueue.x-k8s.io/managed': 'true'}},
                      spec: Object.spec{schedulingGates: [Object.spec.schedulingGates{name: 'kueue.x-k8s.io/admission'}]}}
            """.formatted(QUEUE)));
        scene.create(Specs.yaml("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingAdmissionPolicyBinding
            metadata: {name: "{{namespace}}"}
            spec:
              policyName: "{{namespace}}"
              matchResources:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "{{namespace}}"}}
            """));
        awaitPolicy(stage, scene.namespace());
        ObjectNode spec = (ObjectNode) Specs.inline("FROM {{base}}\nRUN date >/made\n", 0);
        spec.put("timeout", "1m").putObject("pod").putObject("labels").put(QUEUE, "builds");
        scene.build("it", spec);
        Expectation waits = Expectation.waiting(
                "QueuedByKueue", List.of("waits in Kueue's queue \"builds\""), Duration.ofMinutes(1));
        ImageBuild queued = scene.need("it", waits.atMost(), "it waits in the queue", waits::isReached);
        // As long as its time limit, and it is not over.
        Thread.sleep(Duration.ofSeconds(70));
        ImageBuild still = scene.imageBuild("it");
        Differences differences = new Differences();
        waits.compare(still, differences);
        differences.equal("The pod", Interrupted.pod(still), Interrupted.pod(queued));
        differences.throwIfAny(scene.describe(still));
        stage.cluster().liftGates(scene.namespace(), Interrupted.pod(queued));
        ImageBuild done = scene.need("it", Duration.ofMinutes(3), "the image is there", Interrupted::isOver);
        ImageBuildStatus status = Expectation.status(done);
        differences.equal("The pod", Interrupted.pod(done), Interrupted.pod(queued));
        Images.check(scene, done, differences);
        differences.throwIfAny(scene.describe(done));
        return Objects.requireNonNullElse(status.isolation(), "");
    }

    /// API servers take some seconds to notice a policy.
    private static void awaitPolicy(Stage stage, String namespace) throws InterruptedException {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("plain")
                .addToLabels(QUEUE, "builds")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("plain")
                .withImage(stage.base())
                .endContainer()
                .endSpec()
                .build();
        boolean isGated = stage.cluster()
                .await(
                        () -> !stage.cluster()
                                .admitted(namespace, pod)
                                .getSpec()
                                .getSchedulingGates()
                                .isEmpty(),
                        is -> is,
                        Duration.ofSeconds(30));
        if (!isGated) {
            throw new RowFailure("The row's own policy is not in force in %s after 30 s.".formatted(namespace));
        }
    }
}
