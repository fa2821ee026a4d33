package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a RUN gets, by its own flags and by those of `kiln build`.
@InNamespaces
class RunIT {

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;

    @TempDir
    private Path own;

    private Path context;

    private record Ended(int status, String err) {

        /// The error at the end, on one line.
        String error() {
            return err.substring(err.lastIndexOf("ERROR: ")).strip();
        }
    }

    @BeforeAll
    static void startRegistry() throws Exception {
        registry = DockerRegistry.plain(folder);
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BusyboxImage.push(client, ImageReference.parse(registry.host() + "/base:1"));
        }
    }

    @AfterAll
    static void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    @BeforeEach
    void makeContext() throws IOException {
        context = Files.createDirectory(own.resolve("context"));
    }

    @Test
    void securityInsecureNeedsItsAllowance() throws Exception {
        String[] lines = {"RUN --security=insecure mount -t tmpfs none /tmp && grep -q ' /tmp ' /proc/self/mounts"};

        assertThat(build(lines).error())
                .isEqualTo("ERROR: DockerfileInvalid: Dockerfile:2: RUN asks for --security=insecure, which this build"
                        + " does not allow. If you trust the Dockerfile, build with --allow security.insecure.");
        assertThat(build(List.of("--allow", "security.insecure"), lines).status())
                .isZero();
    }

    @Test
    void aDeviceNeedsItsAllowanceAndToBeThere() throws Exception {
        String[] lines = {"RUN --device=vendor.test/none=0,required true"};

        assertThat(build(List.of("--allow", "device=vendor.test/other"), lines).error())
                .isEqualTo("ERROR: DockerfileInvalid: Dockerfile:2: RUN asks for --device=vendor.test/none=0, which"
                        + " this build does not allow. If you trust the Dockerfile, build with --allow device or"
                        + " --allow device=vendor.test/none=0.");
        assertThat(build(List.of("--allow", "device=vendor.test/none"), lines).error())
                .startsWith("ERROR: DeviceUnavailable: Dockerfile:2: There is no device \"vendor.test/none=0\" in"
                        + " /etc/cdi and /var/run/cdi, which ")
                .endsWith(". Build where the device is, or describe it there in /etc/cdi.");
        assertThat(build(List.of("--allow", "device"), "RUN --device=vendor.test/none=0 true")
                        .status())
                .as("a device that is not required")
                .isZero();
    }

    @Test
    void anotherSettingOfAllRunsIsAnotherRun() throws Exception {
        String run = "RUN echo $(grep -c one /etc/hosts) $(ulimit -n) $(cat /proc/sys/kernel/hostname)";

        assertThat(build(run).err()).contains(" 0 ");
        assertThat(build(List.of("--add-host", "one:192.0.2.1"), run).err())
                .contains(" 1 ")
                .contains("MISS --add-host is new\n");
        assertThat(build(List.of("--add-host", "one:192.0.2.2"), run).err()).contains("MISS --add-host changed\n");
        assertThat(build(List.of("--ulimit", "nofile=77"), run).err())
                .contains(" 0 77 ")
                .contains("MISS --add-host is gone; --ulimit is new\n");
        assertThat(build(List.of("--shm-size", "1m"), run).err())
                .contains("MISS --shm-size is new; --ulimit is gone\n");
        assertThat(build(List.of("--build-arg", "BUILDKIT_SANDBOX_HOSTNAME=bench"), run)
                        .err())
                .contains(" bench\n");
        assertThat(build(List.of("--ulimit", "nofile=77"), run).err()).contains(" CACHED\n");
    }

    @Test
    void whatIsWrittenToABoundFileIsThrownAway() throws Exception {
        Files.writeString(context.resolve("bound"), "as it was");
        Ended ended = build(
                "FROM " + registry.host() + "/base:1 AS below",
                "RUN echo 'as it was' > /of-image",
                "FROM " + registry.host() + "/base:1",
                "RUN --mount=type=bind,source=bound,target=/x,rw echo new > /x && test $(cat /x) = new",
                "RUN --mount=type=bind,source=bound,target=/x test \"$(cat /x)\" = 'as it was' && ! echo > /x",
                "RUN --mount=type=bind,from=below,source=/of-image,target=/x,rw echo new > /x && test $(cat /x) = new",
                "RUN --mount=type=bind,from=below,source=/of-image,target=/x test \"$(cat /x)\" = 'as it was'");

        assertThat(ended.status()).as(ended.err()).isZero();
    }

    @Test
    void aRunSignsWithAKeyThatItNeverSees() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh-add")), "ssh-add is not installed (openssh-client)");
        Path key = own.resolve("id_ed25519");
        Tool.run(own, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
        String blob = Files.readString(own.resolve("id_ed25519.pub")).split(" ")[1];
        // The image has no SSH program: the machine's comes by a named context.
        Ended ended = build(
                List.of("--ssh", "default=" + key, "--build-context", "machine=" + machine("/usr/bin/ssh-add")),
                "RUN --mount=type=ssh --mount=from=machine,target=/machine env -i"
                        + " SSH_AUTH_SOCK=$SSH_AUTH_SOCK LD_LIBRARY_PATH=/machine /machine/loader /machine/tool -L"
                        + " > /listed && stat -c '%a %u:%g %n' $SSH_AUTH_SOCK > /socket",
                "RUN grep -q " + blob + " /listed",
                "RUN test \"$(cat /socket)\" = '600 0:0 /run/buildkit/ssh_agent.0' && test ! -e /run/buildkit");

        assertThat(ended.status()).as(ended.err()).isZero();
    }

    @Test
    void anAgentThatNobodyGaveIsMissedOnlyWhereItIsRequired() throws Exception {
        assertThat(build("RUN --mount=type=ssh test \"$SSH_AUTH_SOCK\" = /run/buildkit/ssh_agent.0"
                                + " && test ! -e $SSH_AUTH_SOCK")
                        .status())
                .isZero();
        assertThat(build("RUN --mount=type=ssh,id=forge,required true").error())
                .isEqualTo("ERROR: SecretInvalid: Dockerfile:2: the RUN needs the SSH agent \"forge\", which nobody has"
                        + " given. Give it with --ssh forge, or with --ssh forge=KEYFILE; in an ImageBuild with"
                        + " spec.ssh.");
    }

    @Test
    void aKeyThatCannotBeUsedIsToldBeforeTheBuild() throws Exception {
        Path key = Files.writeString(own.resolve("key"), "no key");

        assertThat(build(List.of("--ssh", "default=" + key), "RUN true").error())
                .isEqualTo("ERROR: SecretInvalid: --ssh default=" + key + ": \"" + key + "\" is not a private key that"
                        + " can be used: it has to be in OpenSSH's or PEM form, and without a passphrase. For a key"
                        + " with a passphrase, add it to an agent with ssh-add, and forward that.");
        assertThat(build(List.of("--ssh", "default"), "RUN true").error())
                .isEqualTo("ERROR: SecretInvalid: --ssh default: the environment variable SSH_AUTH_SOCK is not set, so"
                        + " there is no agent to forward. Start one (eval $(ssh-agent); ssh-add), or name a key:"
                        + " --ssh default=KEYFILE.");
    }

    @Test
    void aCacheStartsWithWhatFromNamesAndKeepsWhatIsAdded() throws Exception {
        Files.createDirectories(context.resolve("files/sub"));
        Files.writeString(context.resolve("files/sub/of-context"), "x");
        String seeded = "--mount=type=cache,id=seeded,from=seed,target=/c";
        String[] lines = {
            "RUN mkdir -p /s/deep && echo one > /s/deep/file && ln /s/deep/file /s/hard && chown -R 1000:44 /s"
                    + " && chmod 2750 /s/deep && mkfifo /s/fifo && ln -s deep/file /s/link",
            "FROM scratch AS seed",
            "COPY --from=0 /s /s",
            "FROM " + registry.host() + "/base:1",
            "RUN " + seeded + " test $(cat /c/s/link) = one && test $(stat -c %a:%u:%g /c/s/deep) = 2750:1000:44"
                    + " && test $(stat -c %h /c/s/hard) = 2 && test -p /c/s/fifo && touch /c/added",
            "RUN " + seeded + " test -e /c/added",
            "RUN --mount=type=cache,id=seeded,target=/c test -z \"$(ls -A /c)\"",
            "RUN --mount=type=cache,id=part,from=seed,source=/s/deep,target=/c test $(cat /c/file) = one",
            "RUN --mount=type=cache,id=ctx,from=files,source=sub,target=/c test -e /c/of-context",
            "RUN " + seeded + ",ro test -e /c/s/hard && ! touch /c/x 2>/dev/null"
        };
        Ended ended = build(List.of("--build-context", "files=" + context.resolve("files")), lines);

        assertThat(ended.status()).as(ended.err()).isZero();
    }

    @Test
    void aLinkInACacheDoesNotLeadOutOfIt() throws Exception {
        String[] lines = {
            "RUN --mount=type=cache,id=c,target=/c mkdir /c/etc /c/real && touch /c/etc/own && ln -s /etc /c/link"
                    + " && ln -s ../../../../../../../../../../etc /c/up && ln -s /usr /c/nowhere",
            "RUN --mount=type=cache,id=c,source=link,target=/c test -e /c/own && touch /c/of-link",
            "RUN --mount=type=cache,id=c,source=up,target=/c test -e /c/of-link",
            "RUN --mount=type=cache,id=c,source=nowhere,target=/c true",
        };

        assertThat(build(lines).error())
                .isEqualTo("ERROR: FileNotFound: Dockerfile:5: the cache mount \"c\" has no directory \"/nowhere\","
                        + " which source= names. Make it in an earlier RUN that mounts the whole cache, or give it"
                        + " with from=.");
    }

    @Test
    void cachesOfDifferentOwnersAreDifferentCaches() throws Exception {
        Ended ended = build(
                "RUN --mount=type=cache,id=c,target=/c touch /c/of-root",
                "RUN --mount=type=cache,id=c,target=/c,uid=1000,gid=44,mode=0700"
                        + " test $(stat -c %a:%u:%g /c) = 700:1000:44 && test ! -e /c/of-root",
                "RUN --mount=type=cache,id=c,target=/c test -e /c/of-root");

        assertThat(ended.status()).as(ended.err()).isZero();
    }

    @Test
    void aProgramOfAnotherPlatformSaysWhatToDo() throws Exception {
        Files.writeString(context.resolve("foreign"), "neither ELF nor a script");

        assertThat(build(
                                List.of("--platform", "linux/s390x"),
                                "COPY --chmod=755 foreign /foreign",
                                "RUN true",
                                "RUN [\"/foreign\"]")
                        .error())
                .isEqualTo(
                        "ERROR: RunFailed: Dockerfile:4: RUN could not start \"/foreign\" of linux/s390x on a machine"
                                + " of " + Platform.ofThisMachine()
                                + " (exit status 126) (stage \"stage-0\", step 4 of 4):"
                                + " /foreign is neither a program for this machine nor a script with #! in its first line."
                                + " Register an emulator for s390x on this machine (the package qemu-user-static does), or"
                                + " build on a machine of linux/s390x, or run this step in a stage that begins with FROM"
                                + " --platform=$BUILDPLATFORM.");
    }

    @Test
    void anExitStatusIsExplained() throws Exception {
        assertThat(build("RUN no-such-program").error())
                .endsWith("The shell did not find a program. Install it in an earlier RUN, or correct its name or PATH:"
                        + " the last lines of the output name it.");
        assertThat(build("RUN sh -c 'kill -SEGV $$'; exit $?").error())
                .contains("RUN ended with exit status 139 after ")
                .endsWith("A program crashed (signal 11, SIGSEGV). Another version of it, or of its libraries, may"
                        + " not.");
    }

    @Test
    void standardInputIsEmptyAndThereIsNoTerminal() throws Exception {
        Ended ended = build(
                "SHELL [\"/bin/sh\", \"-eo\", \"pipefail\", \"-c\"]",
                "RUN ! false | true",
                "RUN test -z \"$(cat)\" && ! tty && test $(umask) = 0022 && test -z \"$TERM\"",
                "RUN test ! -s /etc/hosts.kiln && grep -q localhost /etc/hosts && test $HOSTNAME = $(hostname)");

        assertThat(ended.status()).as(ended.err()).isZero();
    }

    /// A folder with a program of the machine's as `tool`, its libraries, and its loader as `loader`.
    private Path machine(String program) throws Exception {
        Path all = Files.createDirectory(own.resolve("machine"));
        Files.copy(Path.of(program), all.resolve("tool"));
        for (String word : Tool.run(own, "ldd", program).split("\\s+")) {
            if (word.startsWith("/")) {
                Path library = Path.of(word);
                boolean loader = library.getFileName().toString().startsWith("ld-");
                Files.copy(
                        library,
                        all.resolve(loader ? "loader" : library.getFileName().toString()));
            }
        }
        return all;
    }

    private Ended build(String... lines) throws IOException {
        return build(List.of(), lines);
    }

    private Ended build(List<String> flags, String... lines) throws IOException {
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + registry.host() + "/base:1\n" + String.join("\n", Arrays.asList(lines)) + "\n");
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", own.resolve("cache").toString()));
        all.addAll(flags);
        all.add(context.toString());
        Map<String, String> variables = new HashMap<>(Map.of("HOME", own.toString()));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        variables,
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                all.toArray(String[]::new));
        return new Ended(status, err.toString(StandardCharsets.UTF_8));
    }
}
