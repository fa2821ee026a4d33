package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// Each flag of `docker buildx build`, and each that `docker build` had before it, is done or refused by name.
class DockerFlagsTest {

    @TempDir
    private Path own;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--add-host",
                "--allow",
                "--annotation",
                "--attest",
                "--build-arg",
                "--build-context",
                "--builder",
                "--cache-from",
                "--cache-to",
                "--call",
                "--cgroup-parent",
                "--check",
                "--compress",
                "--cpu-period",
                "--cpu-quota",
                "--cpu-shares",
                "-c",
                "--cpuset-cpus",
                "--cpuset-mems",
                "--debug",
                "-D",
                "--detach",
                "--file",
                "-f",
                "--force-rm",
                "--iidfile",
                "--invoke",
                "--isolation",
                "--label",
                "--load",
                "--memory",
                "-m",
                "--memory-swap",
                "--metadata-file",
                "--network",
                "--no-cache",
                "--no-cache-filter",
                "--output",
                "-o",
                "--platform",
                "--policy",
                "--print",
                "--progress",
                "--provenance",
                "--pull",
                "--push",
                "--quiet",
                "-q",
                "--rm",
                "--root",
                "--sbom",
                "--secret",
                "--security-opt",
                "--server-config",
                "--shm-size",
                "--squash",
                "--ssh",
                "--stream",
                "--tag",
                "-t",
                "--target",
                "--ulimit"
            })
    void everyFlagIsKnownAndOnThePage(String flag) throws IOException {
        CommandLine command = new CommandLine(new BuildCommand(new Environment(
                        Map.of(),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        Clock.systemUTC()))
                .spec());
        assertThat(command.getCommandSpec().optionsMap()).containsKey(flag);
        assertThat(Files.readString(Path.of("../docs/cli.md"))).contains("`" + flag);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--load | --load: Kiln does not have this flag of Docker's. There is no Docker to load into. Write "
                        + "--output type=docker,dest=FILE, and then: docker load --input FILE",
                "--sbom=true | --sbom true: Kiln does not have this flag of Docker's. Make and sign it from the pushed "
                        + "image, for example with cosign or syft.",
                "-m=2g | --memory 2g: Kiln does not have this flag of Docker's. Set it on the machine, or as "
                        + "spec.pod.resources of an ImageBuild.",
                "--squash | --squash: Kiln does not have this flag of Docker's. Remove it; COPY --from a last stage "
                        + "makes one layer.",
            })
    void whatKilnDoesNotHaveIsRefusedWithWhatToDoInstead(String flag, String message) {
        CommandLineRun run = CommandLineRun.of(own, Map.of(), List.of("build", flag, own.toString()));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.lastWord()).isEqualTo("ERROR: NotSupportedYet: " + message);
    }

    @Test
    void flagsThatAskForNothingAreLetThrough() throws IOException {
        Files.writeString(own.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
        CommandLineRun run = CommandLineRun.of(
                own,
                Map.of(),
                List.of(
                        "build",
                        "--pull",
                        "--rm",
                        "--provenance=false",
                        "--sbom=false",
                        "--builder=default",
                        "--quiet",
                        "--output=type=cacheonly",
                        own.toString()));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).matches("sha256:[0-9a-f]{64}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type=dokcer,dest=x | there is no type \"dokcer\". Did you mean \"docker\"?",
                "type=oci | it has no \"dest\".",
                "type=docker | there is no Docker here to load the image into; add dest=FILE, and then: docker load "
                        + "--input FILE.",
                "type=oci,dest=x,compresion=gzip | it has no key \"compresion\" here. Did you mean \"compression\"?",
                "type=oci,dest=x,force-compression=true | force-compression=true is not supported: layers of the base "
                        + "image stay as they are; remove it.",
                "type=oci,dest=x,compression-level=9 | compression-level=9 is not supported: each compression has one "
                        + "level, so that the same inputs give the same image; remove it.",
                "type=oci,dest=x,rewrite-timestamp=false | rewrite-timestamp=false is not supported: file times newer "
                        + "than the epoch are always set to it, so that the same inputs give the same image; remove it.",
                "type=oci,dest=x,oci-mediatypes=false | oci-mediatypes=false is not supported: Kiln writes the media "
                        + "types of OCI only; remove it.",
                "type=oci,dest=x,source-date-epoch=now | source-date-epoch=now is not a number of seconds since 1970.",
                "type=oci,dest=x,tar=perhaps | tar=perhaps is neither true nor false.",
                "type=oci,dest=-,tar=false | a folder cannot be written to standard output; name another dest.",
                "type=oci,dest=x,annotation=y | \"annotation\" names no annotation; write annotation.KEY=VALUE.",
                "type=image,name=a | an image that is not pushed has nowhere to go; add push=true.",
                "type=registry,push-by-digest=true | push-by-digest=true is not supported: a push ends with its tag; "
                        + "push to a tag of its own.",
                "type=tar,dest=x,compression=gzip | it has no key \"compression\" here. The keys are type, dest.",
                "type=local,dest=x,mode=delete | it has no key \"mode\" here. The keys are type, dest, platform-split.",
            })
    void anOutputThatKilnDoesNotHaveIsRefused(String output, String fact) {
        CommandLineRun run = CommandLineRun.of(own, Map.of(), List.of("build", "-o", output, own.toString()));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.lastWord())
                .isEqualTo("ERROR: RequestInvalid: --output " + output + ": " + fact
                        + " Write it as --output key=value[,key=value…].");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | it is not of the form KEY=VALUE. Write --annotation KEY=VALUE.",
                "indx:a=b | there is no document \"indx\" to annotate. Did you mean \"index\"?",
                "index[linux/amd64]:a=b | an index is for all platforms, and \"index[linux/amd64]\" names one. Write "
                        + "index.",
                "index:a=b | the build is for one platform, and so there is no index. Annotate the manifest, or name "
                        + "several platforms.",
            })
    void anAnnotationOfNothingIsRefused(String annotation, String fact) {
        CommandLineRun run =
                CommandLineRun.of(own, Map.of(), List.of("build", "--annotation", annotation, own.toString()));

        assertThat(run.lastWord()).isEqualTo("ERROR: RequestInvalid: --annotation " + annotation + ": " + fact);
    }

    @Test
    void outputsThatContradictEachOtherAreRefused() {
        CommandLineRun two = CommandLineRun.of(
                own,
                Map.of(),
                List.of(
                        "build",
                        "-o",
                        "type=oci,dest=x,compression=zstd",
                        "-o",
                        "type=oci,dest=y,compression=gzip",
                        "."));
        assertThat(two.lastWord())
                .isEqualTo("ERROR: RequestInvalid: --output: one output says compression=ZSTD, and another one"
                        + " compression=GZIP. All outputs of a build have the same image. Build twice for two images.");

        CommandLineRun epochs = CommandLineRun.of(
                own,
                Map.of("SOURCE_DATE_EPOCH", "6"),
                List.of("build", "-o", "type=oci,dest=x,source-date-epoch=5", "."));
        assertThat(epochs.lastWord())
                .isEqualTo("ERROR: RequestInvalid: --output source-date-epoch=5: SOURCE_DATE_EPOCH is 6, and a build"
                        + " has one epoch. Give both the same value, or leave one out.");
    }
}
