package build.kiln.builder.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// How a container of the image is to be run.
///
/// @param user `user[:group]`, names or numbers; empty for root
/// @param exposedPorts `8080/tcp`, sorted
/// @param env `KEY=value`, in the order in which they were set
/// @param entrypoint null if there is none; an empty list is one that was cleared
/// @param cmd null if there is none
/// @param argsEscaped Docker's flag for Windows command lines, kept as the base has it
/// @param onBuild instructions that run when the image is used as a base
/// @param shell of the shell form; null for `/bin/sh -c`
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties">image-spec 1.1.1,
/// config</a>
public record ContainerConfig(
        String user,
        SortedSet<String> exposedPorts,
        List<String> env,
        @Nullable List<String> entrypoint,
        @Nullable List<String> cmd,
        SortedSet<String> volumes,
        String workingDir,
        Map<String, String> labels,
        @Nullable String stopSignal,
        @Nullable Healthcheck healthcheck,
        boolean argsEscaped,
        List<String> onBuild,
        @Nullable List<String> shell) {

    public static final ContainerConfig EMPTY = new ContainerConfig(
            "",
            Collections.emptySortedSet(),
            List.of(),
            null,
            null,
            Collections.emptySortedSet(),
            "",
            Map.of(),
            null,
            null,
            false,
            List.of(),
            null);

    public ContainerConfig {
        exposedPorts = Collections.unmodifiableSortedSet(new TreeSet<>(exposedPorts));
        env = List.copyOf(env);
        entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
        cmd = cmd == null ? null : List.copyOf(cmd);
        volumes = Collections.unmodifiableSortedSet(new TreeSet<>(volumes));
        labels = Json.sorted(labels);
        onBuild = List.copyOf(onBuild);
        shell = shell == null ? null : List.copyOf(shell);
    }
}
