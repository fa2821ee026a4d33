package build.kiln.builder.execute;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.sandbox.ResourceLimit;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.ssh.SshAgent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What every RUN of a build gets, whatever the Dockerfile says.
///
/// @param addHosts addresses by host name, for /etc/hosts
/// @param ulimits what every RUN may use up
/// @param shmBytes the size of /dev/shm; 0 for the default
/// @param secrets where each secret's value is read, by id
/// @param ssh agents for RUNs that ask for one, by id
/// @param processes how many processes and threads a RUN may have at once
/// @param deadline of the whole build; no RUN outlives it
public record RunSettings(
        Map<String, String> addHosts,
        List<ResourceLimit> ulimits,
        long shmBytes,
        Map<String, SecretSource> secrets,
        Map<String, SshAgent> ssh,
        int processes,
        Instant deadline) {

    /// What of it a RUN can see and leave in its layer, so that another value is another step; by the flag that sets
    /// it.
    Map<String, Digest> seenByRuns() {
        Map<String, Digest> all = new TreeMap<>();
        if (!addHosts.isEmpty()) {
            all.put("--add-host", Digest.of(bytes(new TreeMap<>(addHosts).toString())));
        }
        if (!ulimits.isEmpty()) {
            List<String> sorted =
                    ulimits.stream().map(ResourceLimit::toString).sorted().toList();
            all.put("--ulimit", Digest.of(bytes(sorted.toString())));
        }
        if (shmBytes != 0) {
            all.put("--shm-size", Digest.of(bytes(Long.toString(shmBytes))));
        }
        return all;
    }

    /// The secrets that are for private repositories.
    public GitTokens gitTokens() {
        return gitTokens(secrets);
    }

    /// Those of them that are for private repositories.
    public static GitTokens gitTokens(Map<String, SecretSource> secrets) {
        return id -> {
            SecretSource source = secrets.get(id);
            return source == null ? null : source.read();
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Reads a secret's value when a RUN needs it.
    public interface SecretSource {
        byte[] read() throws IOException;
    }

    public RunSettings {
        addHosts = Map.copyOf(addHosts);
        ulimits = List.copyOf(ulimits);
        secrets = Map.copyOf(secrets);
        ssh = Map.copyOf(ssh);
    }
}
