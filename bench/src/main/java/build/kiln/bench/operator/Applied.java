package build.kiln.bench.operator;

import build.kiln.bench.stub.Plan;
import build.kiln.crds.ImageBuild;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The ImageBuilds of a run, in namespaces of its own.
final class Applied {

    /// As many clients as a busy GitOps controller has.
    private static final int AT_ONCE = 8;

    private static final String RUN_LABEL = "kiln.build/bench";

    private final KubernetesClient client;
    private final ScaleSettings settings;
    private final String run;

    /// @param run tells this run's objects from others'
    Applied(KubernetesClient client, ScaleSettings settings, String run) {
        this.client = client;
        this.settings = settings;
        this.run = run;
    }

    /// The name of each build, and how it is to end: one in twenty fails.
    Map<String, Plan.End> expected() {
        Map<String, Plan.End> expected = new LinkedHashMap<>();
        for (int i = 0; i < settings.resources(); i++) {
            expected.put("build-%05d".formatted(i), i % 20 == 19 ? Plan.End.RUN_FAILED : Plan.End.SUCCEEDED);
        }
        return expected;
    }

    void createNamespaces() {
        for (int i = 0; i < settings.namespaces(); i++) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(ScaleSettings.namespace(run, i))
                            .addToLabels(RUN_LABEL, run)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    /// Creates all ImageBuilds, as fast as the API server takes them.
    ///
    /// @param scheduler who is to assign their pods
    void create(String scheduler) throws InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            int i = 0;
            for (String name : expected().keySet()) {
                String namespace = ScaleSettings.namespace(run, i++ % settings.namespaces());
                threads.execute(() -> create(namespace, name, scheduler));
            }
            threads.shutdown();
            if (!threads.awaitTermination(1, TimeUnit.HOURS)) {
                throw new IllegalStateException("The API server did not take the ImageBuilds within an hour.");
            }
        }
    }

    private void create(String namespace, String name, String scheduler) {
        ImageBuild build = Serialization.unmarshal(yaml(namespace, name, scheduler), ImageBuild.class);
        try {
            client.resource(build).create();
        } catch (KubernetesClientException e) {
            // The client asks again when an answer is long in coming, and then it is there already.
            if (e.getCode() != 409) {
                throw e;
            }
        }
    }

    void deleteNamespaces() {
        client.namespaces().withLabel(RUN_LABEL, run).delete();
    }

    /// An ImageBuild as people write them.
    private static String yaml(String namespace, String name, String scheduler) {
        return """
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata:
              name: %s
              namespace: %s
              labels: {app.kubernetes.io/part-of: bench, team: platform}
            spec:
              source:
                git: {url: "https://git.example.com/bench/%s.git", revision: main, credentialsSecret: git-auth}
              dockerfile: build/Dockerfile
              target: runtime
              buildArgs: {VERSION: "1.2.3", PROFILE: release}
              output:
                image: "registry.example.com/bench/%s:1"
                tags: [latest, stable]
                pushSecret: registry-login
              pod:
                schedulerName: %s
                resources: {requests: {cpu: "1", memory: 1Gi}, limits: {memory: 2Gi}}
            """.formatted(name, namespace, name, name, scheduler);
    }
}
