package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.source.git.GitHttpServer;
import build.kiln.builder.source.git.GitRepository;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.FakeRegistry;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each reason can come to be: what leads to it leads there, on the command line as users have it.
@InNamespaces
@Timeout(120)
class ReasonsIT {

    private static final Path ROWS = Path.of("../e2e/src/main/resources/build/kiln/e2e/row");
    private static final String TIMED_OUT = "TimedOut";
    private static final String OUT_OF_MEMORY = "OutOfMemory";

    @TempDir
    private Path own;

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {TIMED_OUT, OUT_OF_MEMORY})
    void everyReasonIsReached(Reason reason) throws Exception {
        LocalRuns.Ended ended = lead(reason);
        assertThat(ended.err().lines()).as(ended.err()).last().asString().startsWith("ERROR: " + reason + ": ");
        assertThat(ended.status()).isEqualTo(ExitCode.of(reason.fault()).status());
    }

    /// These need a pod with limits: `kiln e2e` makes it.
    @ParameterizedTest
    @EnumSource(names = {TIMED_OUT, OUT_OF_MEMORY})
    void whatOnlyAPodComesToIsARowOfTheTestsOnAnyCluster(Reason reason) throws IOException {
        try (Stream<Path> rows = Files.list(ROWS)) {
            assertThat(rows.toList())
                    .anySatisfy(row -> assertThat(row).content().contains("reason: " + reason + "\n"));
        }
    }

    private LocalRuns.Ended lead(Reason reason) throws Exception {
        return switch (reason) {
            case RequestInvalid -> build("FROM scratch\n", "--secret", "id=x,src=");
            case DockerfileNotFound -> build("FROM scratch\n", "--file", "Containerfile");
            case DockerfileInvalid -> build("FROM scratch\nCOPI . /\n");
            case NotSupportedYet -> build("FROM scratch\n", "--cgroup-parent", "x");
            case TargetNotFound -> build("FROM scratch AS one\n", "--target", "two");
            case SourceNotFound -> run("build", own.resolve("nowhere").toString());
            case RevisionNotFound -> ofGit("#nosuch", "");
            case SourceDenied -> ofGit("", "ci-bot:s3cret");
            case SourceUnavailable -> ofServer(503, "");
            case SourceCorrupt -> ofServer(200, "--checksum=sha256:" + "0".repeat(64) + " ");
            case FileNotFound -> build("FROM scratch\nCOPY nothing /\n");
            case PathEscapes -> rulesOutOfContext();
            case DestinationConflict -> busybox("WORKDIR /bin/busybox/below\n");
            case UserNotFound -> busybox("USER eve\nRUN true\n");
            case RunFailed -> busybox("RUN exit 3\n");
            case VerifyFailed -> busybox("", "--verify", "/bin/busybox false");
            case ImageNotFound -> ofRegistry("nothing", _ -> {});
            case PullDenied -> ofRegistry("base", registry -> registry.require(FakeRegistry.Auth.BASIC));
            case PushDenied ->
                pushed(registry -> registry.deny(request -> request.method().equals("POST") ? 403 : null));
            case RegistryUnavailable ->
                ofRegistry("base", registry -> registry.misbehave(_ -> FakeRegistry.Fault.BUSY_FOR_AN_HOUR));
            case PushPending -> pushed(registry -> registry.misbehave(_ -> FakeRegistry.Fault.BUSY_FOR_AN_HOUR));
            case RegistryUntrusted -> ofUnknownAuthority();
            case RegistryCorrupt ->
                ofRegistry("base", registry -> registry.misbehave(_ -> FakeRegistry.Fault.WRONG_BYTE));
            case SecretInvalid -> busybox("RUN --mount=type=secret,id=x,required true\n");
            case OutputFailed ->
                build("FROM scratch\nCOPY Dockerfile /\n", "--output", "type=oci,dest=/dev/null/image.tar");
            case IsolationUnavailable -> busybox("", "--isolation", "assemble");
            case DeviceUnavailable ->
                busybox("RUN --device=vendor.test/none=0,required true\n", "--allow", "device=vendor.test/none");
            case DiskFull -> fullVolume();
            case CacheLost -> deletedAllTheTime();
            case Interrupted -> interrupted();
            case Defect -> brokenClock();
            case TimedOut, OutOfMemory -> throw new AssertionError(reason + " needs a pod");
        };
    }

    private LocalRuns.Ended run(String... arguments) {
        return LocalRuns.run(own, arguments);
    }

    private LocalRuns.Ended build(String dockerfile, String... flags) throws IOException {
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        return build(context, flags);
    }

    /// @param rest of a Dockerfile whose image has a shell
    private LocalRuns.Ended busybox(String rest, String... flags) throws IOException {
        return build(BusyboxContext.make(own.resolve("context"), BusyboxContext.START + rest), flags);
    }

    private LocalRuns.Ended build(Path context, String... flags) {
        List<String> all = new ArrayList<>(List.of("build", "--progress", "plain"));
        if (!List.of(flags).contains("--cache-dir")) {
            all.addAll(List.of("--cache-dir", own.resolve("cache").toString()));
        }
        all.addAll(List.of(flags));
        all.add(context.toString());
        return run(all.toArray(String[]::new));
    }

    private LocalRuns.Ended ofGit(String revision, String credentials) throws Exception {
        GitRepository.init(own.resolve("git/app.git")).commit("Dockerfile", "FROM scratch\n");
        try (GitHttpServer git = GitHttpServer.start(own.resolve("git"))) {
            if (!credentials.isEmpty()) {
                git.requires(credentials);
            }
            return run("build", "--cache-dir", own.resolve("cache").toString(), git.url() + "/app.git" + revision);
        }
    }

    private LocalRuns.Ended ofServer(int status, String flags) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(status, 2);
            exchange.getResponseBody().write(new byte[2]);
            exchange.close();
        });
        server.start();
        try {
            return build("FROM scratch\nADD " + flags + "http://127.0.0.1:"
                    + server.getAddress().getPort() + "/file /\n");
        } finally {
            server.stop(0);
        }
    }

    private LocalRuns.Ended rulesOutOfContext() throws IOException {
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
        Files.createSymbolicLink(context.resolve(".dockerignore"), Path.of("/etc/hostname"));
        return build(context);
    }

    private LocalRuns.Ended ofUnknownAuthority() throws Exception {
        try (DockerRegistry registry =
                DockerRegistry.withTlsAndPassword(Files.createDirectory(own.resolve("registry")))) {
            return build("FROM " + registry.host() + "/base:1\n");
        }
    }

    private LocalRuns.Ended ofRegistry(String repository, Consumer<FakeRegistry> preparation) throws IOException {
        try (FakeRegistry registry = FakeRegistry.start()) {
            try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
                BusyboxImage.push(client, ImageReference.parse(registry.host() + "/base:1"));
            }
            preparation.accept(registry);
            return build("FROM " + registry.host() + "/" + repository + ":1\nCOPY Dockerfile /\n");
        }
    }

    private LocalRuns.Ended pushed(Consumer<FakeRegistry> preparation) throws IOException {
        try (FakeRegistry registry = FakeRegistry.start()) {
            preparation.accept(registry);
            return build("FROM scratch\nCOPY Dockerfile /\n", "--push", "--tag", registry.host() + "/team/app:1");
        }
    }

    /// The RUN wants more than the whole volume has.
    private LocalRuns.Ended fullVolume() throws IOException {
        Path volume = Files.createDirectory(own.resolve("volume"));
        Mounts.mount(
                "tmpfs".getBytes(StandardCharsets.US_ASCII),
                NativePath.of(volume),
                "tmpfs",
                Set.of(),
                "size=64m".getBytes(StandardCharsets.US_ASCII));
        try {
            return busybox(
                    "RUN /bin/busybox dd if=/dev/zero of=/file bs=1048576\n",
                    "--cache-dir",
                    volume.resolve("cache").toString());
        } finally {
            Mounts.detach(NativePath.of(volume));
        }
    }

    /// Somebody deletes the layers from under each RUN, however often it is tried.
    private LocalRuns.Ended deletedAllTheTime() throws Exception {
        Path layers = own.resolve("cache/layers/sha256");
        Path taken = Files.createDirectory(own.resolve("taken"));
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                try (Stream<Path> all = Files.list(layers)) {
                    int round = i;
                    all.toList()
                            .forEach(layer -> layer.toFile()
                                    .renameTo(taken.resolve(round + "-" + layer.getFileName())
                                            .toFile()));
                    Thread.sleep(50);
                } catch (IOException e) {
                    Thread.onSpinWait(); // There is none yet.
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        try {
            return busybox("RUN sleep 1\n");
        } finally {
            other.interrupt();
            other.join();
        }
    }

    /// As a signal does it.
    private LocalRuns.Ended interrupted() throws Exception {
        Thread builder = Thread.currentThread();
        Thread.ofVirtual().start(() -> {
            try {
                TimeUnit.SECONDS.sleep(2);
                builder.interrupt();
            } catch (InterruptedException e) {
                // The test has ended.
            }
        });
        try {
            return busybox("RUN sleep 60\n");
        } finally {
            Thread.interrupted();
        }
    }

    /// Nothing should throw what is no failure of a build. A clock that does is as good as a broken rule.
    private LocalRuns.Ended brokenClock() throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Clock broken = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                throw new IllegalStateException("the clock is broken");
            }
        };
        Path context = Files.createDirectory(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
        int status = Kiln.run(
                new Environment(
                        Map.of("HOME", own.toString()),
                        System.out,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        broken),
                "build",
                "--cache-dir",
                own.resolve("cache").toString(),
                context.toString());
        return new LocalRuns.Ended(status, "", err.toString(StandardCharsets.UTF_8));
    }
}
