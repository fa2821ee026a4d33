package build.kiln.local.node;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.patch.Patch;
import build.kiln.local.apiserver.resource.Part;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Change;
import build.kiln.local.apiserver.storage.Snapshot;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.storage.Watch;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cluster's one node, with a scheduler that gives it every pod.
///
/// A container is a process of this machine with its own mount, pid, ipc and uts namespaces, and sees the system's
/// programs, its volumes and nothing else of the machine's files. It shares the machine's network. Containers are not
/// started again when they end, whatever the pod's restart policy says.
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final Resources resources;
    private final NodeSettings settings;
    private final NodeLogs logs;
    private final NodeFolders folders;
    private final Scheduler scheduler;
    private final Map<String, PodAgent> agents = new ConcurrentHashMap<>();
    private final List<Thread> watchers;

    private Node(Resources resources, NodeSettings settings, NodeLogs logs, NodeFolders folders) {
        this.resources = resources;
        this.settings = settings;
        this.logs = logs;
        this.folders = folders;
        this.scheduler = new Scheduler(resources, settings.name());
        ResourceType pods = resources.types().builtin(BuiltinTypes.PODS);
        ResourceType claims = resources.types().builtin(BuiltinTypes.CLAIMS);
        ResourceType nodes = resources.types().builtin(BuiltinTypes.NODES);
        this.watchers = List.of(
                Thread.ofVirtual().name("node-pods").unstarted(() -> watch(pods, this::podChanged)),
                Thread.ofVirtual().name("node-self").unstarted(() -> watch(nodes, this::nodeChanged)),
                Thread.ofVirtual().name("node-claims").unstarted(() -> watch(claims, this::claimChanged)));
    }

    /// Registers the node, and begins to run pods.
    ///
    /// @param logs to be filled with the logs of the pods
    public static Node start(Resources resources, NodeSettings settings, NodeLogs logs) throws IOException {
        Node node = new Node(resources, settings, logs, NodeFolders.open(settings.folder()));
        node.register();
        node.watchers.forEach(Thread::start);
        return node;
    }

    private void register() {
        ObjectNode node = Json.object();
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        ObjectNode metadata = Metadata.of(node).put("name", settings.name());
        metadata.putObject("labels")
                .put("kubernetes.io/hostname", settings.name())
                .put("kubernetes.io/os", "linux")
                .put("kubernetes.io/arch", architecture);
        ResourceType nodes = resources.types().builtin(BuiltinTypes.NODES);
        resources.create(nodes, "", node, WriteOptions.DEFAULT);
        ObjectNode status = Json.object();
        ObjectNode content = status.putObject("status");
        content.putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", "True")
                .put("reason", "KubeletReady")
                .put("message", "processes of this machine stand for containers")
                .put("lastHeartbeatTime", Metadata.timestamp(resources.clock().instant()))
                .put("lastTransitionTime", Metadata.timestamp(resources.clock().instant()));
        content.putArray("addresses").addObject().put("type", "InternalIP").put("address", "127.0.0.1");
        content.putObject("nodeInfo")
                .put("kubeletVersion", "v1.32.0-kiln-local")
                .put("architecture", architecture)
                .put("operatingSystem", "linux")
                .put("osImage", System.getProperty("os.name"))
                .put("kernelVersion", System.getProperty("os.version"));
        resources.patch(nodes, "", settings.name(), Part.STATUS, new Patch.Merge(status), WriteOptions.DEFAULT);
    }

    private void watch(ResourceType type, Consumer<Change> consumer) {
        try {
            while (true) {
                Snapshot state = resources.list(type, "");
                for (Stored stored : state.objects()) {
                    consumer.accept(new Change(Change.Type.ADDED, stored, null));
                }
                follow(resources.watch(type, state.resourceVersion()), consumer);
            }
        } catch (InterruptedException e) {
            LOG.debug("The node looks no longer at {}", type.resource());
        }
    }

    /// Returns when it has lost sight.
    private static void follow(Watch watch, Consumer<Change> consumer) throws InterruptedException {
        while (true) {
            try {
                watch.next(Duration.ofMinutes(1)).forEach(consumer);
            } catch (ApiFailure e) {
                LOG.debug("The node looks again at everything: {}", e.getMessage());
                return;
            }
        }
    }

    private void podChanged(Change change) {
        ObjectNode pod = change.object().object();
        String uid = Metadata.uid(pod);
        PodAgent agent = agents.get(uid);
        switch (change.type()) {
            case ADDED, MODIFIED -> {
                scheduler.look(pod);
                boolean here = pod.path("spec").path("nodeName").asText("").equals(settings.name());
                boolean ended = pod.path("status").path("phase").asText().matches("Succeeded|Failed");
                if (agent == null && here && !ended) {
                    agent = new PodAgent(resources, settings, logs, pod, folders);
                    agents.put(uid, agent);
                    agent.start();
                }
                if (agent != null) {
                    agent.changed(pod);
                }
            }
            case DELETED -> {
                if (agent != null) {
                    agent.gone();
                    agents.remove(uid);
                }
            }
        }
    }

    /// A node that takes pods again has a look at those that wait.
    private void nodeChanged(Change change) {
        if (change.type() == Change.Type.MODIFIED) {
            resources
                    .list(resources.types().builtin(BuiltinTypes.PODS), "")
                    .objects()
                    .forEach(pod -> scheduler.look(pod.object()));
        }
    }

    private void claimChanged(Change change) {
        if (change.type() == Change.Type.DELETED) {
            FileTrees.delete(folders.claims()
                    .resolve("pvc-" + Metadata.uid(change.object().object())));
        }
    }

    /// Kills what still runs.
    @Override
    public void close() {
        watchers.forEach(Thread::interrupt);
        List<PodAgent> left = List.copyOf(agents.values());
        left.forEach(PodAgent::gone);
        try {
            for (PodAgent agent : left) {
                agent.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        folders.close();
    }
}
