package build.kiln.bench.operator;

import build.kiln.bench.stub.Plan;
import build.kiln.crds.ImageBuild;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// The ImageBuilds of a run, in namespaces of its own.
final class Applied {

    /// As many clients as a busy GitOps controller has.
    private static final int AT_ONCE = 8;

    private static final int ATTEMPTS = 30;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /// Tens of thousands of objects take an API server some minutes.
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private static final Duration TELL = Duration.ofSeconds(10);

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

    /// Makes the namespaces.
    ///
    /// @return what takes them back with all that is in them, and waits for it
    Closeable createNamespaces(PrintStream people) {
        for (int i = 0; i < settings.namespaces(); i++) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(ScaleSettings.namespace(run, i))
                            .addToLabels(RUN_LABEL, run)
                            .endMetadata()
                            .build())
                    .create();
        }
        return () -> deleteNamespaces(people);
    }

    /// Creates all ImageBuilds, as fast as the API server takes them.
    ///
    /// @param scheduler who is to assign their pods
    /// @throws IOException if it does not take one of them
    void create(String scheduler) throws IOException, InterruptedException {
        List<Future<?>> created = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            int i = 0;
            for (String name : expected().keySet()) {
                String namespace = ScaleSettings.namespace(run, i++ % settings.namespaces());
                created.add(threads.submit(() -> create(namespace, name, scheduler)));
            }
            for (Future<?> one : created) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("The API server does not take the ImageBuilds: " + e.getMessage(), e);
        }
    }

    private void create(String namespace, String name, String scheduler) {
        ImageBuild build = Serialization.unmarshal(yaml(namespace, name, scheduler), ImageBuild.class);
        for (int left = ATTEMPTS; !isCreated(build, left); left--) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private boolean isCreated(ImageBuild build, int attemptsLeft) {
        try {
            client.resource(build).create();
            return true;
        } catch (KubernetesClientException e) {
            // The client asks again when an answer is long in coming, and then it is there already.
            if (e.getCode() == 409) {
                return true;
            }
            // No answer at all, or none at the moment.
            if (attemptsLeft > 1 && (e.getCode() == 0 || e.getCode() == 429 || e.getCode() >= 500)) {
                return false;
            }
            throw e;
        }
    }

    private void deleteNamespaces(PrintStream people) {
        client.namespaces().withLabel(RUN_LABEL, run).delete();
        long start = System.nanoTime();
        long told = start;
        int left = namespacesLeft();
        while (left > 0 && System.nanoTime() - start < PATIENCE.toNanos()) {
            if (System.nanoTime() - told > TELL.toNanos()) {
                told = System.nanoTime();
                people.printf("  %d of %d namespaces are not gone yet%n", left, settings.namespaces());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            left = namespacesLeft();
        }
        if (left > 0) {
            people.printf(
                    "%d namespaces are left; they are deleted, and the cluster is slow. kubectl get namespaces -l"
                            + " %s=%s%n",
                    left, RUN_LABEL, run);
        }
    }

    private int namespacesLeft() {
        return client.namespaces().withLabel(RUN_LABEL, run).list().getItems().size();
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
