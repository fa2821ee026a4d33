package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.failed;
import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.Condition;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.operator.policy.Reasons;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Each reason can come to be: what leads to it leads there.
class ReasonsTest {

    private static final String RETRIES = "retries: 0";

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(Map.of(
                "KILN_MAX_BUILDS_PER_NAMESPACE",
                "1",
                "KILN_BUILDER_PLATFORM_WAIT",
                "1s",
                "KILN_FLUX_SOURCES",
                "watched"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyReasonOfTheOperatorIsReached(Reasons reason) {
        String namespace = cluster.newNamespace();
        ImageBuild build = lead(namespace, reason);
        ImageBuildStatus status = cluster.awaitStatus(build, s -> reasons(s).anyMatch(reason.name()::equals));
        assertThat(status.conditions()).allSatisfy(c -> assertThat(c.message()).isNotBlank());
    }

    /// That builders come to them is their own tests'.
    @ParameterizedTest
    @MethodSource("ofBuilders")
    void everyReasonOfABuilderIsThatOfTheConditions(String reason) {
        String namespace = cluster.newNamespace();
        ImageBuild build = cluster.apply(namespace, "web", RETRIES);
        cluster.end(namespace, "web-1-0", failed(reason, Fault.USER));
        cluster.awaitStatus(
                build, s -> s.conditions().stream().anyMatch(c -> c.reason().equals(reason)));
    }

    static List<String> ofBuilders() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "errors.md"));
        String section = page.substring(page.indexOf("\n## Builder"), page.indexOf("\n## Operator"));
        return Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\|")
                .matcher(section)
                .results()
                .map(m -> m.group(1))
                .distinct()
                .toList();
    }

    private static Stream<String> reasons(ImageBuildStatus status) {
        return Stream.concat(
                status.conditions().stream().map(Condition::reason),
                Stream.ofNullable(status.failure()).map(f -> f.reason()));
    }

    private static ImageBuild lead(String namespace, Reasons reason) {
        return switch (reason) {
            case Queued -> {
                cluster.apply(namespace, "first", "");
                cluster.run(namespace, "first-1-0");
                yield web(namespace, "");
            }
            case QueuedByKueue -> {
                cluster.admission.changes(
                        namespace,
                        pod -> new PodBuilder(pod)
                                .editSpec()
                                .addNewSchedulingGate("kueue.x-k8s.io/admission")
                                .endSpec()
                                .build());
                yield web(namespace, "");
            }
            case Superseding -> {
                cluster.admission.changes(
                        namespace,
                        pod -> new PodBuilder(pod)
                                .editMetadata()
                                .addToFinalizers("example.com/stays")
                                .endMetadata()
                                .build());
                ImageBuild build = web(namespace, "");
                cluster.run(namespace, "web-1-0");
                cluster.awaitPhase(build, Phase.Building);
                cluster.changeSpec(build, "target: other");
                yield build;
            }
            case Building -> {
                ImageBuild build = web(namespace, "");
                cluster.run(namespace, "web-1-0");
                yield build;
            }
            case Pushing -> {
                cluster.serveLog(namespace, "web-1-0");
                ImageBuild build = web(namespace, "");
                cluster.run(namespace, "web-1-0");
                yield build;
            }
            case Retrying -> reported(namespace, "", "RegistryUnavailable", Fault.REMOTE);
            case PushPending -> reported(namespace, RETRIES, "PushPending", Fault.REMOTE);
            case Succeeded -> {
                ImageBuild build = web(namespace, "");
                cluster.end(namespace, "web-1-0", succeeded());
                yield build;
            }
            case Suspended -> web(namespace, "suspend: true");
            case SourceTooLarge ->
                cluster.apply(
                        namespace,
                        "web",
                        "source: {inline: {files: {Dockerfile: \"" + "x".repeat(210_000) + "\"}}}",
                        "");
            case ScheduleInvalid -> web(namespace, "rebuild: {schedule: \"0 4 * * *\", timeZone: No/Where}");
            case FluxSourceMissing -> ofFlux(namespace);
            case FluxSourceNotReady -> {
                cluster.flux(namespace, "observedGeneration: 1");
                yield ofFlux(namespace);
            }
            case PodForbidden -> {
                cluster.admission.of(namespace, pod -> Optional.of("a policy says no"));
                yield web(namespace, "");
            }
            case IsolationUnavailable -> {
                cluster.admission.of(namespace, pod -> Optional.of("violates PodSecurity \"baseline\""));
                yield web(namespace, "isolation: {minimum: userns}");
            }
            case PodInvalid -> refused(namespace, 422, "Invalid", "Pod \"web-1-0\" is invalid: spec: Invalid value.");
            case QuotaExceeded ->
                refused(
                        namespace,
                        403,
                        "Forbidden",
                        "pods \"web-1-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5");
            case PodNameTaken -> {
                cluster.client
                        .resource(new PodBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName("web-1-0")
                                .endMetadata()
                                .withNewSpec()
                                .endSpec()
                                .build())
                        .create();
                yield web(namespace, "");
            }
            case Unschedulable -> unscheduled(namespace, "", "0/1 nodes are available: 1 Insufficient cpu.");
            case VolumeUnavailable -> unscheduled(namespace, "", "persistentvolumeclaim \"src\" not found");
            case NoNodeForPlatform ->
                unscheduled(
                        namespace,
                        "platforms: [linux/riscv64]",
                        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
            case BuilderImageUnavailable -> waiting(namespace, "ErrImagePull");
            case BuilderNotStarted -> waiting(namespace, "CreateContainerConfigError");
            case UserNamespaceRefused ->
                ended(
                        namespace,
                        128,
                        "StartError",
                        "failed to set MOUNT_ATTR_IDMAP on /var/lib/kubelet: invalid argument");
            case OutOfMemory -> ended(namespace, 137, "OOMKilled", "");
            case BuilderDied -> ended(namespace, 1, "Error", "");
            case ReportUnreadable -> ended(namespace, 0, "Completed", "{\"version\":9}");
            case TimedOut -> taken(namespace, "DeadlineExceeded", "DeadlineExceeded");
            case Disrupted -> taken(namespace, "Evicted", "DisruptionTarget");
            case EvictedByKueue -> taken(namespace, "", "TerminationTarget");
            case PodDeleted -> {
                ImageBuild build = web(namespace, RETRIES);
                cluster.run(namespace, "web-1-0");
                cluster.awaitPhase(build, Phase.Building);
                cluster.client.pods().inNamespace(namespace).withName("web-1-0").delete();
                yield build;
            }
        };
    }

    private static ImageBuild ofFlux(String namespace) {
        return cluster.apply(namespace, "web", "source: {flux: {kind: GitRepository, name: site}}", "");
    }

    private static ImageBuild web(String namespace, String spec) {
        return cluster.apply(namespace, "web", spec);
    }

    private static ImageBuild reported(String namespace, String spec, String reason, Fault fault) {
        ImageBuild build = web(namespace, spec);
        cluster.end(namespace, "web-1-0", failed(reason, fault));
        return build;
    }

    private static ImageBuild ended(String namespace, int exitCode, String reason, String message) {
        ImageBuild build = web(namespace, RETRIES + ", pod: {resources: {limits: {memory: 512Mi}}}");
        cluster.end(namespace, "web-1-0", exitCode, reason, message);
        return build;
    }

    private static ImageBuild taken(String namespace, String reason, String condition) {
        ImageBuild build = web(namespace, RETRIES);
        cluster.setStatus(
                namespace,
                "web-1-0",
                status -> status.withPhase("Failed")
                        .withReason(reason.isEmpty() ? null : reason)
                        .addNewCondition()
                        .withType(condition)
                        .withStatus("True")
                        .endCondition()
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName("builder")
                                .withNewState()
                                .withNewTerminated()
                                .withExitCode(137)
                                .withReason("Error")
                                .endTerminated()
                                .endState()
                                .build()));
        return build;
    }

    private static ImageBuild unscheduled(String namespace, String spec, String message) {
        ImageBuild build = web(namespace, spec);
        cluster.setStatus(
                namespace,
                "web-1-0",
                status -> status.withPhase("Pending")
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason("Unschedulable")
                        .withMessage(message)
                        .endCondition());
        return build;
    }

    private static ImageBuild waiting(String namespace, String reason) {
        ImageBuild build = web(namespace, "");
        cluster.setStatus(
                namespace,
                "web-1-0",
                status -> status.withPhase("Pending")
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName("builder")
                                .withNewState()
                                .withNewWaiting(reason + " of some kind", reason)
                                .endState()
                                .build()));
        return build;
    }

    private static ImageBuild refused(String namespace, int code, String reason, String message) {
        cluster.server
                .expect()
                .post()
                .withPath("/api/v1/namespaces/" + namespace + "/pods")
                .andReturn(
                        code,
                        new StatusBuilder()
                                .withStatus("Failure")
                                .withCode(code)
                                .withReason(reason)
                                .withMessage(message)
                                .build())
                .always();
        return web(namespace, "");
    }
}
