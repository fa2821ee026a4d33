package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.instruction.Mount;
import build.kiln.builder.dockerfile.parser.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Plans the mounts of a RUN.
final class MountPlanner {

    private final StagePlanner stage;
    private final StageDraft.Command command;
    private final Instruction.Run run;
    private final Origin origin;
    private final List<Placed> files = new ArrayList<>();
    private final List<Step.Mount> credentials = new ArrayList<>();
    private final Set<String> secretVariables = new HashSet<>();
    private final List<String> agents = new ArrayList<>();

    private record Placed(String target, Step.Mount mount) {}

    MountPlanner(StagePlanner stage, StageDraft.Command command, Instruction.Run run) {
        this.stage = stage;
        this.command = command;
        this.run = run;
        this.origin = run.origin();
    }

    void plan() {
        for (int i = 0; i < run.options().mounts().size(); i++) {
            Mount mount = run.options().mounts().get(i).resolve(value -> stage.expand(origin, value));
            switch (mount.type()) {
                case BIND -> bind(mount, command.reads().get(i));
                case CACHE -> cache(mount, command.reads().get(i));
                case TMPFS -> {
                    String target = target(mount);
                    files.add(new Placed(target, new Step.Mount.Tmpfs(target, mount.sizeBytes())));
                }
                case SECRET -> secret(mount);
                case SSH -> ssh(mount);
            }
        }
    }

    void addScript(Step.Mount.Inline script) {
        files.add(new Placed(script.target(), script));
    }

    /// Outer targets before inner ones.
    List<Step.Mount> sorted() {
        List<Step.Mount> all = new ArrayList<>();
        files.stream()
                .sorted(Comparator.comparing(Placed::target))
                .map(Placed::mount)
                .forEach(all::add);
        all.addAll(credentials);
        return all;
    }

    /// Variables that hold secrets.
    Set<String> secretVariables() {
        return secretVariables;
    }

    /// The stage's variables, and where the first agent listens.
    List<String> environment() {
        List<String> all = new ArrayList<>(stage.state.variables.assignments());
        if (!agents.isEmpty() && stage.state.variables.get("SSH_AUTH_SOCK") == null) {
            all.add("SSH_AUTH_SOCK=" + agents.getFirst());
        }
        return all;
    }

    private void bind(Mount mount, FileOrigin from) {
        String target = target(mount);
        FileSource source = stage.files(from, origin, "--mount has from=" + mount.from());
        files.add(new Placed(
                target, new Step.Mount.Bind(source, GuestPath.clean(mount.source()), target, !mount.readOnly())));
    }

    private void cache(Mount mount, FileOrigin from) {
        String target = target(mount);
        FileSource source = mount.from().isEmpty()
                ? new FileSource.Empty()
                : stage.files(from, origin, "--mount has from=" + mount.from());
        String id = mount.id().isEmpty() ? defaultId(mount.target()) : mount.id();
        String space = stage.build.request().buildArgs().getOrDefault("BUILDKIT_CACHE_MOUNT_NS", "");
        files.add(new Placed(
                target,
                new Step.Mount.Cache(
                        space.isEmpty() ? id : space + "/" + id,
                        target,
                        switch (mount.sharing()) {
                            case SHARED -> Step.Sharing.SHARED;
                            case PRIVATE -> Step.Sharing.PRIVATE;
                            case LOCKED -> Step.Sharing.LOCKED;
                        },
                        source,
                        GuestPath.clean(mount.source()),
                        mount.mode() == null ? 0755 : mount.mode(),
                        id(mount.uid()),
                        id(mount.gid()),
                        mount.readOnly())));
    }

    /// A cache without an id is that of its target, as it is written.
    private static String defaultId(String target) {
        String clean = GuestPath.clean(target);
        return target.startsWith("/") || clean.equals("/") ? clean : clean.substring(1);
    }

    private void secret(Mount mount) {
        String id = mount.source().isEmpty() ? mount.id() : mount.source();
        if (id.isEmpty()) {
            id = GuestPath.base(mount.target());
        }
        String target = mount.target();
        if (target.isEmpty() && mount.env() == null) {
            target = "/run/secrets/" + GuestPath.base(id);
        }
        String env = mount.env() != null && mount.env().isEmpty() ? id : mount.env();
        if (env != null) {
            secretVariables.add(env);
        }
        credentials.add(new Step.Mount.Secret(
                id,
                target.isEmpty() ? null : GuestPath.resolve(stage.state.workingDir(), target),
                env,
                mount.required(),
                mount.mode() == null ? 0400 : mount.mode(),
                id(mount.uid()),
                id(mount.gid())));
    }

    private void ssh(Mount mount) {
        if (!mount.source().isEmpty()) {
            throw origin.failure(
                    "--mount=type=ssh has source=" + mount.source() + ", which a mount of type ssh does not have.",
                    "Use target= for the socket's path, and id= for the agent.");
        }
        String target = mount.target().isEmpty()
                ? "/run/buildkit/ssh_agent." + agents.size()
                : GuestPath.resolve(stage.state.workingDir(), mount.target());
        agents.add(target);
        credentials.add(new Step.Mount.Ssh(
                mount.id().isEmpty() ? "default" : mount.id(),
                target,
                mount.required(),
                mount.mode() == null ? 0600 : mount.mode(),
                id(mount.uid()),
                id(mount.gid())));
    }

    private String target(Mount mount) {
        String target = GuestPath.resolve(stage.state.workingDir(), mount.target());
        if (target.equals("/")) {
            throw origin.failure(
                    mount.target().isEmpty()
                            ? "--mount has no target."
                            : "--mount has target=" + mount.target() + ", which is the root of the image.",
                    "Add target=PATH with a directory or file below the root.");
        }
        return target;
    }

    /// A user's or group's number as the kernel counts it, which is without a sign.
    private static int id(@Nullable Long number) {
        return number == null ? 0 : number.intValue();
    }
}
