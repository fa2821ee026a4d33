package build.kiln.builder.plan;

import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Healthcheck;
import build.kiln.builder.oci.History;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// An image config while the instructions of a stage change it.
final class ImageDraft {

    private static final String COMMENT = "buildkit.dockerfile.v0";
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// Null if what the stage starts from says nothing of it.
    @Nullable
    Platform platform;

    /// When the image below was made, which stays true as long as nothing is done to it.
    @Nullable
    Instant created;

    @Nullable
    String author;

    String user = "";
    final SortedSet<String> exposedPorts = new TreeSet<>();
    final List<String> env = new ArrayList<>();

    @Nullable
    List<String> entrypoint;

    @Nullable
    List<String> cmd;

    final SortedSet<String> volumes = new TreeSet<>();
    String workingDir = "";
    final Map<String, String> labels = new TreeMap<>();

    @Nullable
    String stopSignal;

    @Nullable
    Healthcheck healthcheck;

    boolean argsEscaped;
    final List<String> onBuild = new ArrayList<>();

    @Nullable
    List<String> shell;

    final List<DiffId> diffIds = new ArrayList<>();
    final List<History> history = new ArrayList<>();

    private ImageDraft() {}

    /// What a stage has that starts from nothing.
    static ImageDraft scratch(Platform platform) {
        ImageDraft draft = nameless();
        draft.platform = platform;
        draft.workingDir = "/";
        draft.requirePath();
        return draft;
    }

    /// What a stage has that is replaced by files alone: not even a platform.
    static ImageDraft nameless() {
        return new ImageDraft();
    }

    static ImageDraft of(ImageConfig image) {
        ContainerConfig config = image.config();
        ImageDraft draft = nameless();
        draft.platform = image.platform();
        draft.created = image.created();
        draft.author = image.author();
        draft.user = config.user();
        draft.exposedPorts.addAll(config.exposedPorts());
        draft.env.addAll(config.env());
        draft.entrypoint = config.entrypoint();
        draft.cmd = config.cmd();
        draft.volumes.addAll(config.volumes());
        draft.workingDir = config.workingDir();
        draft.labels.putAll(config.labels());
        draft.stopSignal = config.stopSignal();
        draft.healthcheck = config.healthcheck();
        draft.argsEscaped = config.argsEscaped();
        draft.onBuild.addAll(config.onBuild());
        draft.shell = config.shell();
        draft.diffIds.addAll(image.diffIds());
        draft.history.addAll(image.history());
        return draft;
    }

    /// What a stage has that starts from this one: all but its triggers.
    ImageDraft inherited() {
        ImageDraft copy = nameless();
        copy.platform = platform;
        copy.created = created;
        copy.author = author;
        copy.user = user;
        copy.exposedPorts.addAll(exposedPorts);
        copy.env.addAll(env);
        copy.entrypoint = entrypoint;
        copy.cmd = cmd;
        copy.volumes.addAll(volumes);
        copy.workingDir = workingDir;
        copy.labels.putAll(labels);
        copy.stopSignal = stopSignal;
        copy.healthcheck = healthcheck;
        copy.argsEscaped = argsEscaped;
        copy.shell = shell;
        copy.diffIds.addAll(diffIds);
        copy.history.addAll(history);
        return copy;
    }

    boolean isWindows() {
        return platform != null && platform.os().equals("windows");
    }

    /// Every image but those of Windows says where programs are.
    void requirePath() {
        if (!isWindows() && env.stream().noneMatch(one -> one.equals("PATH") || one.startsWith("PATH="))) {
            env.add(DEFAULT_PATH);
        }
    }

    void setEnv(String name, String value) {
        for (int i = 0; i < env.size(); i++) {
            String one = env.get(i);
            if (one.equals(name) || one.startsWith(name + "=")) {
                env.set(i, name + "=" + value);
                return;
            }
        }
        env.add(name + "=" + value);
    }

    /// The shell's words before a line that it has to run.
    List<String> withShell(String line) {
        List<String> args = new ArrayList<>(
                shell != null && !shell.isEmpty()
                        ? shell
                        : isWindows() ? List.of("cmd", "/S", "/C") : List.of("/bin/sh", "-c"));
        args.add(line);
        return args;
    }

    /// An instruction that changed the config alone.
    void addEmptyHistory(String createdBy, @Nullable Instant time) {
        created = null;
        history.add(new History(time, createdBy, null, COMMENT, true));
    }

    /// An instruction that made a layer.
    void addLayerHistory(String createdBy, @Nullable Instant time) {
        created = null;
        history.add(new History(time, createdBy, null, COMMENT, false));
    }

    ImageConfig finish(Platform finalPlatform) {
        ContainerConfig config = new ContainerConfig(
                user,
                exposedPorts,
                env,
                entrypoint,
                cmd,
                volumes,
                workingDir,
                labels,
                stopSignal,
                healthcheck,
                argsEscaped,
                onBuild,
                shell);
        return new ImageConfig(created, author, finalPlatform, config, diffIds, history);
    }
}
