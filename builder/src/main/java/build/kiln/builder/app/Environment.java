package build.kiln.builder.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the process was given: variables, streams and the time.
///
/// @param variables of the environment
/// @param in what the caller sends
/// @param out where results go
/// @param err where progress and messages go
record Environment(Map<String, String> variables, InputStream in, PrintStream out, PrintStream err, Clock clock) {

    Environment {
        variables = Map.copyOf(variables);
    }

    /// A process to which nobody sends anything.
    Environment(Map<String, String> variables, PrintStream out, PrintStream err, Clock clock) {
        this(variables, InputStream.nullInputStream(), out, err, clock);
    }

    /// The same at another time.
    Environment at(Clock other) {
        return new Environment(variables, in, out, err, other);
    }

    /// The variable's value; null if it is not set or empty.
    @Nullable
    String get(String name) {
        String value = variables.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    private Path home() {
        String home = get("HOME");
        return Path.of(home == null ? "/" : home);
    }

    /// This process as others on the cache volume see it: `ann@laptop:4711`.
    String processName() {
        String user = get("USER");
        return (user == null ? System.getProperty("user.name", "somebody") : user) + "@" + hostName() + ":"
                + ProcessHandle.current().pid();
    }

    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "localhost";
        }
    }

    /// The cache volume's root if nobody named one: `$XDG_CACHE_HOME/kiln`, else `~/.cache/kiln`.
    Path defaultCache() {
        String xdg = get("XDG_CACHE_HOME");
        return (xdg == null ? home().resolve(".cache") : Path.of(xdg)).resolve("kiln");
    }

    /// The credentials file: `$REGISTRY_AUTH_FILE`, else `config.json` in `$DOCKER_CONFIG` or `~/.docker`.
    Path credentials() {
        String file = get("REGISTRY_AUTH_FILE");
        if (file != null) {
            return Path.of(file);
        }
        String folder = get("DOCKER_CONFIG");
        return (folder == null ? home().resolve(".docker") : Path.of(folder)).resolve("config.json");
    }

    /// The registries' settings: `$CONTAINERS_REGISTRIES_CONF`, else the user's, else the system's.
    Path registriesConf() {
        String file = get("CONTAINERS_REGISTRIES_CONF");
        if (file != null) {
            return Path.of(file);
        }
        Path own = home().resolve(".config/containers/registries.conf");
        return own.toFile().exists() ? own : Path.of("/etc/containers/registries.conf");
    }

    /// Where registries' own certificates are looked for, the user's before the system's.
    List<Path> certsDirs() {
        return List.of(
                home().resolve(".config/containers/certs.d"),
                Path.of("/etc/containers/certs.d"),
                Path.of("/etc/docker/certs.d"));
    }

    /// Where OpenSSH keeps the keys of hosts, the user's before the system's.
    List<Path> knownHosts() {
        return List.of(home().resolve(".ssh/known_hosts"), Path.of("/etc/ssh/ssh_known_hosts"));
    }

    /// The proxies that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name.
    ProxySelector proxies() {
        return ProxyVariables.of(this);
    }

    /// Lets what fetches sources take the same proxies: it knows none but the process's own.
    void useProxies() {
        ProxySelector.setDefault(proxies());
    }

    Optional<String> sourceDateEpoch() {
        return Optional.ofNullable(get("SOURCE_DATE_EPOCH"));
    }
}
