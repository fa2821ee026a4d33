package build.kiln.local.node;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.DeleteOptions;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of one pod on the node, from its first volume to its end. One thread each.
final class PodAgent {

    private static final Logger LOG = LoggerFactory.getLogger(PodAgent.class);
    private static final int TERMINATION_MESSAGE_LIMIT = 4096;
    private static final Duration RETRY = Duration.ofSeconds(1);

    /// What can happen to a pod from outside.
    private sealed interface Signal {

        record Exited(int code) implements Signal {}

        /// Somebody deletes the pod, and gives it so long.
        record Delete(Duration grace) implements Signal {}

        /// The pod is no longer in the API, or the node ends.
        record Gone() implements Signal {}
    }

    /// The pod was deleted before it ran.
    private static final class Deleted extends Exception {

        private static final long serialVersionUID = 1;
    }

    private final Resources resources;
    private final NodeSettings settings;
    private final NodeLogs logs;
    private final ObjectNode pod;
    private final ObjectNode container;
    private final Path folder;
    private final Path memory;
    private final Path scripts;
    private final PodReports reports;
    private final Events events;
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final Thread thread;

    PodAgent(Resources resources, NodeSettings settings, NodeLogs logs, ObjectNode pod, NodeFolders folders) {
        this.resources = resources;
        this.settings = settings;
        this.logs = logs;
        this.pod = pod.deepCopy();
        this.container = (ObjectNode) this.pod.path("spec").path("containers").path(0);
        this.folder = folders.pod(Metadata.uid(pod));
        this.memory = folders.memory(Metadata.uid(pod));
        this.scripts = folders.scripts();
        this.reports = new PodReports(resources, this.pod);
        this.events = new Events(resources, "kubelet", settings.name());
        this.thread = Thread.ofVirtual().name("pod-" + Metadata.name(pod)).unstarted(() -> live(folders));
    }

    void start() {
        thread.start();
    }

    /// Tells what the API says of the pod now.
    void changed(ObjectNode now) {
        if (Metadata.isBeingDeleted(now)) {
            long seconds =
                    now.path("metadata").path("deletionGracePeriodSeconds").asLong(0);
            signals.add(new Signal.Delete(Duration.ofSeconds(seconds)));
        }
    }

    /// Tells that nobody wants the pod any more.
    void gone() {
        signals.add(new Signal.Gone());
    }

    void join() throws InterruptedException {
        thread.join();
    }

    private void live(NodeFolders folders) {
        try {
            Map<String, Path> volumes = prepare(folders);
            run(volumes);
            folders.forgetVolumes(Metadata.uid(pod));
            awaitDeletion();
        } catch (Deleted e) {
            LOG.debug("Pod {} is deleted before it ran", Metadata.name(pod));
        } catch (Refusal e) {
            refuse("CreateContainerConfigError", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            refuse("CreateContainerError", String.valueOf(e));
        } catch (InterruptedException e) {
            LOG.debug("Pod {} ends with the node", Metadata.name(pod));
        } finally {
            deleteForGood();
            logs.remove(Metadata.uid(pod));
            folders.forget(Metadata.uid(pod));
        }
    }

    private void refuse(String reason, String message) {
        events.warning(pod, "Failed", "Error: " + message);
        reports.waiting(reason, message);
        try {
            awaitDeletion();
        } catch (InterruptedException e) {
            LOG.debug("Pod {} ends with the node", Metadata.name(pod));
        }
    }

    private Map<String, Path> prepare(NodeFolders folders) throws IOException, InterruptedException, Deleted {
        reports.waiting("ContainerCreating", "");
        JsonNode spec = pod.path("spec");
        if (spec.path("containers").size() != 1 || !spec.path("initContainers").isEmpty()) {
            throw new Refusal("this node runs pods of one container and no init containers");
        }
        Files.createDirectories(folder);
        PodVolumes volumes = new PodVolumes(
                new PodValues(resources, pod), folders.claims(), folder, Files.createDirectories(memory));
        String told = "";
        while (true) {
            try {
                return volumes.make();
            } catch (MissingPiece e) {
                String message = "MountVolume.SetUp failed: " + e.getMessage();
                if (!message.equals(told)) {
                    events.warning(pod, "FailedMount", message);
                    told = message;
                }
                pauseUnlessDeleted();
            }
        }
    }

    private void pauseUnlessDeleted() throws InterruptedException, Deleted {
        if (signals.poll(RETRY.toMillis(), TimeUnit.MILLISECONDS) != null) {
            throw new Deleted();
        }
    }

    private void run(Map<String, Path> volumes) throws IOException, InterruptedException, Deleted {
        ImageProgram program = image();
        LogFile log = new LogFile(folder.resolve("log"), resources.clock());
        ContainerProcess.Recipe recipe = recipe(program, volumes);
        Instant startedAt = resources.clock().instant();
        ContainerProcess process = ContainerProcess.start(recipe, folder, scripts, log);
        logs.add(Metadata.uid(pod), log);
        process.onExit().thenAccept(code -> signals.add(new Signal.Exited(code)));
        events.normal(
                pod, "Started", "Started container " + container.path("name").asText());
        reports.running(startedAt);
        try {
            follow(process, log, startedAt);
        } finally {
            process.release();
        }
    }

    private ImageProgram image() throws InterruptedException, Deleted {
        String image = container.path("image").asText();
        ImageProgram program = settings.images().get(image);
        if (program == null) {
            String message = "image \"" + image + "\" is not on this node, which pulls none; it has "
                    + settings.images().keySet().stream().sorted().toList();
            reports.waiting("ErrImagePull", message);
            events.warning(pod, "Failed", "Failed to pull image: " + message);
            awaitDeletion();
            throw new Deleted();
        }
        events.normal(pod, "Pulled", "Container image \"" + image + "\" already present on machine");
        return program;
    }

    private ContainerProcess.Recipe recipe(ImageProgram program, Map<String, Path> volumes)
            throws IOException, InterruptedException, Deleted {
        List<PodVolumes.Mount> mounts = new ArrayList<>();
        program.files().forEach(file -> mounts.add(new PodVolumes.Mount(file, file.toString(), true)));
        mounts.addAll(PodVolumes.mounts(container, volumes));
        Path message = folder.resolve("termination-log");
        Files.deleteIfExists(message);
        Files.createFile(message);
        mounts.add(new PodVolumes.Mount(
                message, container.path("terminationMessagePath").asText("/dev/termination-log"), false));
        List<String> command =
                new ArrayList<>(container.has("command") ? Json.strings(container.get("command")) : program.command());
        command.addAll(Json.strings(container.path("args")));
        return new ContainerProcess.Recipe(
                Metadata.name(pod),
                command,
                environment(program),
                container.path("workingDir").asText("/"),
                Capabilities.of(container),
                Quantities.bytes(container
                        .path("resources")
                        .path("limits")
                        .path("memory")
                        .asText("")),
                mounts);
    }

    private Map<String, String> environment(ImageProgram program) throws InterruptedException, Deleted {
        while (true) {
            try {
                return new PodValues(resources, pod).environment(container, program.environment());
            } catch (MissingPiece e) {
                reports.waiting("CreateContainerConfigError", String.valueOf(e.getMessage()));
                pauseUnlessDeleted();
            }
        }
    }

    private void follow(ContainerProcess process, LogFile log, Instant startedAt)
            throws IOException, InterruptedException {
        JsonNode deadline = pod.path("spec").path("activeDeadlineSeconds");
        long millis = deadline.isNumber() ? deadline.asLong() * 1000 : Long.MAX_VALUE;
        Signal first = next(millis, startedAt);
        if (first instanceof Signal.Exited(int code)) {
            reports.ended(startedAt, end(process, log, code), "", "");
            return;
        }
        Duration grace = switch (first) {
            case Signal.Delete(Duration given) -> given;
            case Signal.Gone gone -> Duration.ZERO;
            case Signal.Exited exited -> Duration.ZERO;
            case null ->
                Duration.ofSeconds(
                        pod.path("spec").path("terminationGracePeriodSeconds").asLong(30));
        };
        events.normal(
                pod, "Killing", "Stopping container " + container.path("name").asText());
        int code = stop(process, grace);
        boolean late = first == null;
        reports.ended(
                startedAt,
                end(process, log, code),
                late ? "DeadlineExceeded" : "",
                late ? "Pod was active on the node longer than the specified deadline" : "");
        if (!late) {
            signals.add(first);
        }
    }

    /// The first thing that happens; null if the deadline comes first.
    private @Nullable Signal next(long deadlineMillis, Instant startedAt) throws InterruptedException {
        if (deadlineMillis == Long.MAX_VALUE) {
            return signals.take();
        }
        long passed = Duration.between(startedAt, resources.clock().instant()).toMillis();
        return signals.poll(Math.max(0, deadlineMillis - passed), TimeUnit.MILLISECONDS);
    }

    private int stop(ContainerProcess process, Duration grace) throws InterruptedException {
        if (!grace.isZero()) {
            process.terminate();
        }
        Instant until = resources.clock().instant().plus(grace);
        while (true) {
            long left = Duration.between(resources.clock().instant(), until).toMillis();
            Signal signal = signals.poll(Math.max(0, left), TimeUnit.MILLISECONDS);
            switch (signal) {
                case Signal.Exited(int code) -> {
                    return code;
                }
                case Signal.Delete(Duration shorter) -> {
                    Instant sooner = resources.clock().instant().plus(shorter);
                    until = sooner.isBefore(until) ? sooner : until;
                }
                case Signal.Gone gone -> until = resources.clock().instant();
                case null -> {
                    process.kill();
                    until = resources.clock().instant().plusSeconds(5);
                }
            }
        }
    }

    private ContainerEnd end(ContainerProcess process, LogFile log, int code) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("termination-log"));
        byte[] kept = Arrays.copyOf(bytes, Math.min(bytes.length, TERMINATION_MESSAGE_LIMIT));
        String message = new String(kept, StandardCharsets.UTF_8);
        boolean fallBack = container.path("terminationMessagePolicy").asText().equals("FallbackToLogsOnError");
        if (code == 128 && message.isEmpty()) {
            return new ContainerEnd(code, "StartError", log.tail(5, 1000));
        }
        if (message.isEmpty() && fallBack && code != 0) {
            message = log.tail(80, 2048);
        }
        String failed = process.ranOutOfMemory() ? "OOMKilled" : "Error";
        return new ContainerEnd(code, code == 0 ? "Completed" : failed, message);
    }

    /// The log and the status stay until the pod is deleted.
    private void awaitDeletion() throws InterruptedException {
        while (signals.take() instanceof Signal.Exited) {
            LOG.debug("Pod {} has ended", Metadata.name(pod));
        }
    }

    private void deleteForGood() {
        DeleteOptions now = new DeleteOptions(
                DeleteOptions.Propagation.BACKGROUND,
                OptionalLong.of(0),
                Metadata.uid(pod),
                "",
                WriteOptions.Persistence.STORE);
        try {
            resources.delete(
                    resources.types().builtin(BuiltinTypes.PODS), Metadata.namespace(pod), Metadata.name(pod), now);
        } catch (ApiFailure e) {
            LOG.debug("Pod {} was deleted by somebody else: {}", Metadata.name(pod), e.getMessage());
        }
    }
}
