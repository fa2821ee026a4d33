package build.kiln.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.bench.operator.ApiTarget;
import build.kiln.bench.operator.OperatorProcess;
import build.kiln.bench.stub.Plan;
import build.kiln.bench.stub.Plan.End;
import build.kiln.bench.stub.StubNode;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// A cluster with builds in it, some of which fail, some of which lose their first pod, and some of which get another
/// spec on the way; and what has to be so in the end, whatever happens to operators meanwhile.
final class Trial implements AutoCloseable {

    private static final Path DEFINITION = Path.of("../helm/kiln/crds/imagebuilds.kiln.build.yaml");
    private static final String NODE = "kiln-trial";
    private static final String NAMESPACE = "trial";

    /// Nothing moves for so long: what is not there yet never comes.
    private static final Duration STANDSTILL = Duration.ofMinutes(5);

    /// However much moves.
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private static final Duration LOOK = Duration.ofMillis(200);

    private final Path folder;
    private final int builds;
    private final ApiTarget target;
    private final Pushes pushes = new Pushes(Trial::plan);
    private final StubNode node;
    private final List<Replica> replicas = new ArrayList<>();

    private Trial(Path folder, int builds, ApiTarget target) {
        this.folder = folder;
        this.builds = builds;
        this.target = target;
        this.node = StubNode.start(target.client(), NODE, pushes, pushes);
    }

    /// Everything is there but an operator.
    static Trial of(Path folder, int builds) throws IOException {
        ApiTarget target = ApiTarget.embedded(folder, Clock.systemUTC());
        target.prepare(DEFINITION);
        target.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        Trial trial = new Trial(folder, builds, target);
        target.logsAreOf(trial.node);
        return trial;
    }

    URI server() {
        return URI.create(target.client().getMasterUrl().toString());
    }

    /// Starts an operator that finds the API server at some address, and is started again as long as the trial lasts.
    ///
    /// @param name of the replica in the lease
    Replica startReplica(String name, URI server) throws IOException {
        Path kubeconfig = folder.resolve(name + ".kubeconfig");
        Files.writeString(kubeconfig, """
            apiVersion: v1
            kind: Config
            clusters: [{name: trial, cluster: {server: "%s"}}]
            users: [{name: trial, user: {}}]
            contexts: [{name: trial, context: {cluster: trial, user: trial, namespace: default}}]
            current-context: trial
            """.formatted(server));
        Map<String, String> environment = Map.of(
                "KILN_BUILDER_IMAGE", "kiln.local/builder",
                "KILN_BUILDER_CACHE_CLAIM", "kiln-cache",
                "KILN_MAX_BUILDS", "20",
                "KILN_LEASE_NAMESPACE", NAMESPACE,
                "KILN_REPLICA", name);
        Replica replica = Replica.start(
                name,
                folder,
                log -> OperatorProcess.start(
                        new OperatorProcess.Settings(
                                Path.of("../images/operator/java-options"),
                                System.getProperty("java.class.path"),
                                "512m",
                                log),
                        kubeconfig,
                        environment));
        replicas.add(replica);
        return replica;
    }

    /// The replica that has the lease.
    String leader() {
        Lease lease = target.client()
                .leases()
                .inNamespace(NAMESPACE)
                .withName("kiln-operator")
                .get();
        return lease == null ? "" : String.valueOf(lease.getSpec().getHolderIdentity());
    }

    /// Brings some of the builds in.
    ///
    /// @param to the first that is left out
    void apply(int from, int to) {
        for (int i = from; i < to; i++) {
            target.client().resource(build(i)).create();
        }
    }

    /// One in five of these builds gets another spec, wherever it is.
    void applyOthers(int from, int to) {
        for (int i = from; i < to; i++) {
            if (getsAnotherSpec(i)) {
                target.client()
                        .resources(ImageBuild.class)
                        .inNamespace(NAMESPACE)
                        .withName(name(i))
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"buildArgs\":{\"VERSION\":\"2\"}}}");
            }
        }
    }

    /// How many builds have come to their end.
    long finished() {
        return states().entrySet().stream()
                .filter(e -> e.getValue().equals(expected().get(e.getKey())))
                .count();
    }

    /// Whether an operator has something to do.
    boolean hasWork() {
        return builds().stream().anyMatch(build -> {
            ImageBuildStatus status = build.getStatus();
            return status == null
                    || !Objects.equals(
                            status.observedGeneration(), build.getMetadata().getGeneration())
                    || status.phase() != Phase.Succeeded && status.phase() != Phase.Failed;
        });
    }

    /// Waits until something is so, for as long as builds move.
    ///
    /// @throws AssertionError if nothing moves any more, with all that operators said last
    void await(String what, Callable<Boolean> isSo) throws Exception {
        long start = System.nanoTime();
        long moved = start;
        Map<String, String> before = Map.of();
        while (!isSo.call()) {
            Map<String, String> now = states();
            if (!now.equals(before)) {
                before = now;
                moved = System.nanoTime();
            }
            boolean stands = System.nanoTime() - moved > STANDSTILL.toNanos();
            if (stands || System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new AssertionError("%s is not so after %d s, and %s.\nNot as they have to be:\n%s\n%s"
                        .formatted(
                                what,
                                Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                                stands ? "nothing has moved for " + STANDSTILL.toSeconds() + " s" : "it takes too long",
                                unfinished(),
                                stories()));
            }
            Thread.sleep(LOOK);
        }
    }

    /// Waits until all have come to the right end, and looks at what was done for it.
    void checkTheEnd() throws Exception {
        await("the right end of all builds", () -> states().equals(expected()));
        assertThat(pushes.sideBySide()).as("builds with two pods at once").isEmpty();
        assertThat(pushes.counts())
                .as("pushes")
                .allSatisfy((wish, count) -> assertThat(count).as(wish).isEqualTo(1));
        assertThat(pushes.counts().keySet()).containsAll(lastWishes());
        // Nothing of a finished build goes on.
        assertThat(target.client().pods().inNamespace(NAMESPACE).list().getItems())
                .allSatisfy(pod -> assertThat(pod.getStatus().getPhase())
                        .as(pod.getMetadata().getName())
                        .isIn("Succeeded", "Failed"));
    }

    private String stories() {
        return replicas.stream().map(Replica::story).collect(Collectors.joining());
    }

    private String unfinished() {
        Map<String, String> states = states();
        return expected().entrySet().stream()
                .filter(e -> !e.getValue().equals(states.get(e.getKey())))
                .map(e -> "%s: %s, expected %s"
                        .formatted(e.getKey(), states.getOrDefault(e.getKey(), "not there"), e.getValue()))
                .collect(Collectors.joining("\n"));
    }

    /// Phase and generation of each build.
    private Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        for (ImageBuild build : builds()) {
            ImageBuildStatus status = build.getStatus();
            states.put(
                    build.getMetadata().getName(),
                    status == null || status.phase() == null
                            ? "new"
                            : status.phase() + " of generation " + status.observedGeneration());
        }
        return states;
    }

    private List<ImageBuild> builds() {
        return target.client()
                .resources(ImageBuild.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems();
    }

    private Map<String, String> expected() {
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < builds; i++) {
            expected.put(
                    name(i),
                    (fails(i) ? Phase.Failed : Phase.Succeeded) + " of generation " + (getsAnotherSpec(i) ? 2 : 1));
        }
        return expected;
    }

    /// What has to have been pushed: the last generation of each build that does not fail.
    private List<String> lastWishes() {
        return expected().entrySet().stream()
                .filter(e -> e.getValue().startsWith("Succeeded"))
                .map(e -> e.getKey() + e.getValue().substring("Succeeded".length()))
                .toList();
    }

    private static boolean getsAnotherSpec(int build) {
        return build % 5 == 0;
    }

    private static boolean fails(int build) {
        return build % 10 == 3;
    }

    /// One in ten fails, one in seven loses its first pod.
    private static Plan plan(Pod pod) {
        String name = pod.getMetadata().getOwnerReferences().getFirst().getName();
        int build = Integer.parseInt(name.substring(6));
        boolean isFirst = "0".equals(pod.getMetadata().getLabels().get("kiln.build/attempt"));
        End end = isFirst && build % 7 == 1 ? End.DISRUPTED : fails(build) ? End.RUN_FAILED : End.SUCCEEDED;
        return new Plan(Duration.ofMillis(500 + build * 37L % 2000), end);
    }

    private static String name(int build) {
        return "build-" + build;
    }

    private static ImageBuild build(int build) {
        return Serialization.unmarshal("""
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: %s, namespace: %s}
            spec:
              source: {git: {url: "https://git.example.com/trial.git"}}
              buildArgs: {VERSION: "1"}
              output: {image: "registry.example.com/%s:1", pushSecret: login}
              pod: {schedulerName: %s}
              retries: 5
              # So that nothing that was made is cleaned away before it is looked at.
              history: {succeeded: 10, failed: 10}
            """.formatted(name(build), NAMESPACE, name(build), NODE), ImageBuild.class);
    }

    @Override
    public void close() {
        replicas.forEach(Replica::close);
        node.close();
        target.close();
    }
}
