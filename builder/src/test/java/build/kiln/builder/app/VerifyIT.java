package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An image that has to pass a command gets its tag only when it has.
@InNamespaces
class VerifyIT {

    @TempDir
    private Path folder;

    private DockerRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = DockerRegistry.plain(Files.createDirectory(folder.resolve("registry")));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void theImageRunsAsItsConfigSaysAndOnlyThenTheTagMoves() throws Exception {
        Path context = context("""
                RUN echo 'app:x:77:88:app:/:/bin/sh' > /etc/passwd
                ENV GREETING=hello
                WORKDIR /srv
                USER app
                ENTRYPOINT ["/bin/no-such-entrypoint"]
                """);
        String check = "echo \"$GREETING from $PWD as $(busybox id -u):$(busybox id -g)\" && echo oops >&2"
                + " && test -z \"$SECRET_OF_BUILD\" && ! [ -e /run/secrets ] && ! [ -e /kiln ]"
                + " && test $(busybox ls /sys/class/net) = lo";

        CommandLineRun run = build(
                context,
                "--verify",
                "[\"/bin/sh\", \"-c\", \"" + check.replace("\"", "\\\"") + "\"]",
                "--secret",
                "id=x,env=SECRET_OF_BUILD");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err())
                .containsPattern("#\\d+ \\[verify] /bin/sh -c echo")
                .containsPattern("#\\d+ [0-9.]+ hello from /srv as 77:88\n")
                .containsPattern("#\\d+ [0-9.]+ oops\n");
        assertThat(head("app", "1").statusCode()).isEqualTo(200);
        new ImageValidator(registry.uri()).validate("app", "1");
    }

    @Test
    void theCommandOfTheManualHolds() throws Exception {
        Path context = context("COPY --chmod=755 web /app/web");
        Files.writeString(context.resolve("web"), "#!/bin/sh\necho \"web 1.2\"\n");
        CommandLineRun run =
                CommandLineRun.of(folder, Map.of(), ManualLine.arguments("verify.md", registry.host(), context));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).containsPattern("#\\d+ [0-9.]+ web 1.2\n");
        assertThat(head("team-a/web", "1.2").statusCode()).isEqualTo(200);
    }

    @Test
    void whatTheCommandWritesIsThrownAway() throws Exception {
        Path context = context("");
        build(context);
        String before = digest("app", "1");

        CommandLineRun run = build(context, "--verify", "/bin/touch /new /bin/busybox");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(digest("app", "1")).isEqualTo(before);
        CommandLineRun again = build(context, "--verify", "/bin/cat /new");
        assertThat(again.err()).contains("cat: can't open '/new': No such file or directory");
    }

    @Test
    void anImageThatFailsIsThereByItsDigestAndTheTagStaysWhereItWas() throws Exception {
        build(context("RUN echo first > /version"));
        String before = digest("app", "1");
        Path context = context("RUN echo second > /version");

        CommandLineRun run = build(context, "--verify", "/bin/cat /version /missing");

        assertThat(run.status()).isEqualTo(1);
        assertThat(digest("app", "1")).isEqualTo(before);
        assertThat(run.err())
                .containsPattern("------\n > verify /bin/cat /version /missing:\n(.*\n)?second\n")
                .containsPattern("#\\d+ ERROR: The image has not passed, and no tag leads to it\\.\n");
        String failed = run.lastWord().replaceFirst(".*@(sha256:[0-9a-f]{64})\\.$", "$1");
        assertThat(run.lastWord().replaceAll("after [0-9.]+ s", "after T s"))
                .isEqualTo("ERROR: VerifyFailed: --verify: the command ended with exit status 1 after T s. The last"
                        + " lines of its output say why. No tag leads to the image. It is in the registry, to be looked"
                        + " at, as " + registry.host() + "/app@" + failed + ".");
        new ImageValidator(registry.uri()).validate("app", failed);
        assertThat(failed).isNotEqualTo(before);
    }

    @Test
    void aCommandThatDoesNotEndIsStopped() throws Exception {
        CommandLineRun run = build(context(""), "--verify", "/bin/sleep 600", "--verify-timeout", "1s");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.lastWord().replaceAll("after [0-9.]+ s", "after T s"))
                .startsWith("ERROR: VerifyFailed: --verify: the command was still running after T s, which is all the"
                        + " time that it has, and was stopped. Choose a command that ends by itself, or give it more time."
                        + " No tag leads to the image.");
        assertThat(head("app", "1").statusCode()).isEqualTo(404);
    }

    @Test
    void aProgramThatIsMissingIsNamed() throws Exception {
        CommandLineRun run = build(context(""), "--verify", "no-such-program");

        assertThat(run.lastWord())
                .startsWith(
                        "ERROR: VerifyFailed: --verify: \"no-such-program\" could not be started (exit status 127):")
                .contains(
                        " Name a program that the image has. There is no shell around the command: to have one, write it"
                                + " out, as in [\"/bin/sh\", \"-c\", \"…\"]. No tag leads to the image.");
    }

    @Test
    void anImageOfAnotherPlatformThanTheMachinesSaysWhatIsMissing() throws Exception {
        Path context = folder.resolve("foreign");
        Files.createDirectories(context);
        Files.writeString(context.resolve("app"), "neither ELF nor a script");
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY --chmod=755 app /app\n");

        CommandLineRun run = build(context, "--platform", "linux/s390x", "--verify", "/app");

        assertThat(run.lastWord())
                .startsWith(
                        "ERROR: VerifyFailed: --verify: \"/app\" of linux/s390x could not be started on a machine of "
                                + Platform.ofThisMachine() + " (exit status 126): ")
                .contains(
                        " Register an emulator for s390x on this machine (the package qemu-user-static does), or build on"
                                + " a machine of linux/s390x. No tag leads to the image.");
    }

    @Test
    void everyPlatformOfSeveralHasToPass() throws Exception {
        Path context = context("ARG TARGETARCH\nENV ARCH=$TARGETARCH");

        CommandLineRun run = build(
                context,
                "--platform",
                "linux/amd64,linux/386",
                "--verify",
                "[\"/bin/sh\", \"-c\", \"echo I am $ARCH && test $ARCH = amd64\"]");

        assertThat(run.err())
                .contains("[linux/amd64 verify] /bin/sh -c echo I am $ARCH")
                .contains("[linux/386 verify] /bin/sh -c echo I am $ARCH")
                .contains(" I am amd64\n")
                .contains(" > verify /bin/sh -c echo I am $ARCH && test $ARCH = amd64:\nI am 386\n");
        assertThat(run.status()).isEqualTo(1);
        assertThat(head("app", "1").statusCode()).isEqualTo(404);
    }

    @Test
    void aBaseThatNobodyHasUnpackedIsUnpackedForIt() throws Exception {
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BusyboxImage.push(client, ImageReference.parse(registry.host() + "/base:1"));
        }
        Path context = Files.createDirectory(folder.resolve("copies"));
        Files.writeString(
                context.resolve("Dockerfile"), "FROM " + registry.host() + "/base:1\nCOPY Dockerfile /srv/\n");

        assertThat(build(context).err()).doesNotContain("unpacking");
        CommandLineRun run = build(context, "--verify", "/bin/busybox grep -c COPY /srv/Dockerfile");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).contains("[internal] unpacking sha256:").containsPattern("#\\d+ [0-9.]+ 1\n");
    }

    @Test
    void withoutRunsThereIsNoVerificationEither() throws Exception {
        CommandLineRun run = build(context(""), "--isolation", "assemble", "--verify", "/bin/cat");

        assertThat(run.lastWord()).startsWith("ERROR: IsolationUnavailable: --verify: A RUN cannot be isolated here.");
        assertThat(run.err()).doesNotContain("COPY busybox");
    }

    @Test
    void anImageThatIsNotPushedIsVerifiedBeforeItIsWritten() throws Exception {
        Path image = folder.resolve("image.tar");
        List<String> all = new ArrayList<>(List.of("build", "--cache-dir", folder + "/cache", "--output"));
        all.addAll(List.of(
                "type=oci,dest=" + image,
                "--verify",
                "/bin/cat /missing",
                context("").toString()));
        CommandLineRun run = CommandLineRun.of(folder, Map.of(), all);

        assertThat(run.lastWord())
                .startsWith("ERROR: VerifyFailed: ")
                .endsWith(" Nothing was written; the steps are in the cache.");
        assertThat(image).doesNotExist();
    }

    private Path context(String more) throws IOException {
        return BusyboxContext.make(
                Files.createTempDirectory(folder, "context"), BusyboxContext.START + more.strip() + "\n");
    }

    private CommandLineRun build(Path context, String... flags) {
        List<String> all = new ArrayList<>(List.of("build", "--cache-dir", folder + "/cache", "--push", "-t"));
        all.add(registry.host() + "/app:1");
        all.addAll(List.of(flags));
        all.add(context.toString());
        return CommandLineRun.of(folder, Map.of("SECRET_OF_BUILD", "s3cret", "SOURCE_DATE_EPOCH", "1700000000"), all);
    }

    private String digest(String repository, String tag) throws Exception {
        return head(repository, tag)
                .headers()
                .firstValue("Docker-Content-Digest")
                .orElseThrow();
    }

    private HttpResponse<Void> head(String repository, String tag) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(registry.uri() + "/v2/" + repository + "/manifests/" + tag))
                .header("Accept", "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json")
                .HEAD()
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding());
        }
    }
}
