package build.kiln.builder.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What to run, and what it finds around it.
///
/// @param args program and arguments; a program without a slash is looked for in the `PATH` of `env`
/// @param env `KEY=value`: all that the process sees, but for a `PATH`, `HOME` and `HOSTNAME` that are missing
///     here
/// @param user whom it runs as
/// @param cwd absolute; made for the user where it is missing, and then part of the changeset
/// @param stdin what it reads; null for nothing
/// @param mounts what it sees besides the image; in the order of their targets, whatever the order here
/// @param network what it may reach
/// @param hostname as the process sees it
/// @param hosts lines of its `/etc/hosts`, besides its own name
/// @param limits what it may use up; everything else is as the builder's own
/// @param shmSizeBytes size of `/dev/shm`; 0 for 64 MiB
/// @param confined how far
/// @param devices what it gets of the machine's
public record ProcessSpec(
        List<String> args,
        List<String> env,
        ProcessUser user,
        String cwd,
        @Nullable String stdin,
        List<SandboxMount> mounts,
        NetworkAccess network,
        String hostname,
        List<Host> hosts,
        List<ResourceLimit> limits,
        long shmSizeBytes,
        Confined confined,
        DeviceAccess devices) {

    /// The host name where nobody chose one.
    public static final String HOSTNAME = "kiln";

    /// A line of `/etc/hosts`.
    public record Host(String name, String address) {}

    public ProcessSpec {
        args = List.copyOf(args);
        env = List.copyOf(env);
        mounts = List.copyOf(mounts);
        hosts = List.copyOf(hosts);
        limits = List.copyOf(limits);
        if (args.isEmpty()) {
            throw new IllegalArgumentException("a process needs a program");
        }
    }

    /// A process of root's with the pod's network and nothing special around it.
    public static ProcessSpec of(List<String> args, List<String> env, String cwd) {
        return new ProcessSpec(
                args,
                env,
                ProcessUser.ROOT,
                cwd,
                null,
                List.of(),
                NetworkAccess.DEFAULT,
                HOSTNAME,
                List.of(),
                List.of(),
                0,
                Confined.AS_A_CONTAINER,
                DeviceAccess.NONE);
    }

    public ProcessSpec withUser(ProcessUser other) {
        return new ProcessSpec(
                args,
                env,
                other,
                cwd,
                stdin,
                mounts,
                network,
                hostname,
                hosts,
                limits,
                shmSizeBytes,
                confined,
                devices);
    }

    public ProcessSpec withStdin(String text) {
        return new ProcessSpec(
                args, env, user, cwd, text, mounts, network, hostname, hosts, limits, shmSizeBytes, confined, devices);
    }

    public ProcessSpec withMounts(List<SandboxMount> others) {
        return new ProcessSpec(
                args, env, user, cwd, stdin, others, network, hostname, hosts, limits, shmSizeBytes, confined, devices);
    }

    public ProcessSpec withNetwork(NetworkAccess other) {
        return new ProcessSpec(
                args, env, user, cwd, stdin, mounts, other, hostname, hosts, limits, shmSizeBytes, confined, devices);
    }

    public ProcessSpec withHosts(String ownName, List<Host> others) {
        return new ProcessSpec(
                args, env, user, cwd, stdin, mounts, network, ownName, others, limits, shmSizeBytes, confined, devices);
    }

    public ProcessSpec withLimits(List<ResourceLimit> others, long otherShmSizeBytes) {
        return new ProcessSpec(
                args,
                env,
                user,
                cwd,
                stdin,
                mounts,
                network,
                hostname,
                hosts,
                others,
                otherShmSizeBytes,
                confined,
                devices);
    }

    public ProcessSpec withConfined(Confined other) {
        return new ProcessSpec(
                args, env, user, cwd, stdin, mounts, network, hostname, hosts, limits, shmSizeBytes, other, devices);
    }

    public ProcessSpec withDevices(DeviceAccess other) {
        return new ProcessSpec(
                args, env, user, cwd, stdin, mounts, network, hostname, hosts, limits, shmSizeBytes, confined, other);
    }

    boolean isPrivileged() {
        return confined == Confined.BY_NAMESPACES_ONLY;
    }
}
