package build.kiln.builder.source.git;

import build.kiln.builder.failure.BuildFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The machine's git, for the repositories that jgit does not read.
///
/// Each call is a process that knows nothing of the machine's git: no configuration, no attributes, no hooks,
/// no terminal. It may use the address's own protocol and no other, and gets credentials for its origin alone,
/// which are in its environment and nowhere else.
final class GitProgram {

    private static final List<Path> PLACES = List.of(Path.of("/usr/bin/git"), Path.of("/usr/local/bin/git"));
    private static final int SILENCE_SECONDS = 60;
    private static final int MOST_SAID_BYTES = 4096;
    private static final Pattern STATUS = Pattern.compile("returned error: (\\d{3})");
    private static final Pattern DENIED = Pattern.compile("could not read (Username|Password)|Authentication failed");
    private static final String HELPER = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n'"
            + " \"$KILN_GIT_USERNAME\" \"$KILN_GIT_PASSWORD\"; }; f";

    private final Path program;
    private final GitAddress address;
    private final GitSecret secret;
    private final GitSource.Places places;
    private final Path work;

    private GitProgram(Path program, GitAddress address, GitSecret secret, GitSource.Places places, Path work) {
        this.program = program;
        this.address = address;
        this.secret = secret;
        this.places = places;
        this.work = work;
    }

    /// How a process ended.
    record Ended(int status, byte[] out, String err) {

        String text() {
            return new String(out, StandardCharsets.UTF_8).strip();
        }
    }

    /// The git that is installed here, with an empty repository of the SHA-256 format; empty if there is none.
    ///
    /// @param work an empty folder
    static Optional<GitProgram> withRepository(GitAddress address, GitSecret secret, GitSource.Places places, Path work)
            throws IOException {
        Optional<Path> program = PLACES.stream().filter(Files::isExecutable).findFirst();
        if (program.isEmpty()) {
            return Optional.empty();
        }
        GitProgram git = new GitProgram(program.get(), address, secret, places, work);
        byte[] authority = secret instanceof GitSecret.Basic basic ? basic.authority() : null;
        if (authority != null) {
            Files.write(git.authority(), authority);
        }
        Ended made = git.run("init", "--quiet", "--bare", "--template=", "--object-format=sha256", git.folder());
        return made.status() == 0 ? Optional.of(git) : Optional.empty(); // a git of before 2.29 knows no formats
    }

    /// Whether the remote names its objects by SHA-256.
    boolean isSha256() throws IOException {
        Ended ended = run("ls-remote", "--quiet", "--", address.uri().toPrivateString());
        return ended.status() == 0 && ended.text().indexOf('\t') == 64;
    }

    GitAddress address() {
        return address;
    }

    private String folder() {
        return work.resolve("git").toString();
    }

    private Path authority() {
        return work.resolve("ca.crt");
    }

    /// Runs git to its end.
    Ended run(String... arguments) throws IOException {
        Path err = work.resolve("err");
        Process process = start(err, arguments);
        try {
            process.getOutputStream().close();
            byte[] out = process.getInputStream().readAllBytes();
            int status = process.waitFor();
            try (InputStream said = Files.newInputStream(err)) {
                return new Ended(
                        status, out, new String(said.readNBytes(MOST_SAID_BYTES), StandardCharsets.UTF_8).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while git ran");
        } finally {
            process.destroyForcibly();
        }
    }

    /// Starts git, for who asks it one question after the other. The caller ends it.
    Process start(String... arguments) throws IOException {
        return start(work.resolve("err"), arguments);
    }

    private Process start(Path err, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--git-dir=" + folder()));
        settings().forEach(setting -> command.addAll(List.of("-c", setting)));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(work.toFile()).redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(Map.of(
                "PATH", "/usr/local/bin:/usr/bin:/bin",
                "HOME", work.toString(),
                "LC_ALL", "C",
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_CONFIG_SYSTEM", "/dev/null",
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_ATTR_NOSYSTEM", "1",
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_ALLOW_PROTOCOL", address.scheme().name().toLowerCase(Locale.ROOT)));
        if (secret instanceof GitSecret.Basic basic) {
            environment.put("KILN_GIT_USERNAME", basic.username());
            environment.put("KILN_GIT_PASSWORD", basic.password());
        } else if (secret instanceof GitSecret.Header header) {
            environment.put("GIT_CONFIG_COUNT", "1");
            environment.put("GIT_CONFIG_KEY_0", "http.extraHeader");
            environment.put("GIT_CONFIG_VALUE_0", "Authorization: " + header.value());
        }
        return builder.start();
    }

    private List<String> settings() {
        List<String> all = new ArrayList<>(List.of(
                "core.hooksPath=/dev/null",
                "gc.auto=0",
                "maintenance.auto=false",
                "http.lowSpeedLimit=1",
                "http.lowSpeedTime=" + SILENCE_SECONDS));
        if (secret instanceof GitSecret.Basic basic) {
            all.add("credential." + address.scheme().name().toLowerCase(Locale.ROOT) + "://" + address.hostAndPort()
                    + ".helper=" + HELPER);
            if (basic.authority() != null) {
                all.add("http.sslCAInfo=" + authority());
            }
        }
        if (secret instanceof GitSecret.Header) {
            all.add("http.followRedirects=false"); // git would send the header wherever one leads
        }
        if (address.scheme().isHttp()) {
            all.add("http.proxy=" + proxy());
        }
        return all;
    }

    /// Empty if there is none for this address.
    private String proxy() {
        URI uri = URI.create(address.scheme().name().toLowerCase(Locale.ROOT) + "://" + address.hostAndPort() + "/");
        for (Proxy proxy : ProxySelector.getDefault().select(uri)) {
            if (proxy.type() == Proxy.Type.HTTP && proxy.address() instanceof InetSocketAddress where) {
                return "http://" + where.getHostString() + ":" + where.getPort();
            }
        }
        return "";
    }

    /// What it means that a call which talked to the remote did not end well.
    BuildFailure failure(Ended ended) {
        Matcher status = STATUS.matcher(ended.err());
        int answered = status.find()
                ? Integer.parseInt(status.group(1))
                : DENIED.matcher(ended.err()).find() ? 401 : 0;
        return new GitFailures(address, secret, places).of(new IOException(ended.err()), answered, null);
    }
}
