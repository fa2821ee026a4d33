package build.kiln.builder.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.lint.BaseFacts;
import build.kiln.builder.dockerfile.lint.CheckOptions;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.lint.Linter;
import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Words;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.BaseImage;
import build.kiln.builder.plan.ImageHome;
import build.kiln.builder.plan.Outline;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.plan.Planner;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What is fuzzed, with its seeds. Texts first; [ArchiveTargets] has what reads bytes.
final class FuzzTargets {

    private static final Path CASES = Path.of("src", "test", "resources");
    private static final List<byte[]> FRAGMENTS = bytes(
            "\n",
            "\\\n",
            "`\n",
            " ",
            "\t",
            "\r\n",
            "#",
            "# escape=`\n",
            "# syntax=x\n",
            "# check=skip=all;error=true\n",
            "FROM ",
            "RUN ",
            "COPY ",
            "ADD ",
            "ARG ",
            "ENV ",
            "ONBUILD ",
            "HEALTHCHECK ",
            "CMD ",
            "LABEL ",
            "SHELL ",
            "EXPOSE ",
            "VOLUME ",
            "USER ",
            "WORKDIR ",
            "STOPSIGNAL ",
            " AS ",
            "<<EOF",
            "<<-'EOF'\n",
            "\nEOF\n",
            "<<",
            "$",
            "${",
            "}",
            "${A:-",
            "${A/",
            "//",
            "${A##",
            "%%",
            ":?",
            "'",
            "\"",
            "[\"",
            "\"]",
            "[",
            "]",
            "--mount=",
            "--from=",
            "--from=0 ",
            "type=cache,",
            "type=secret,env=",
            "id=",
            "target=/",
            "sharing=",
            "mode=0777,",
            "--platform=",
            "--chmod=u+x ",
            "--exclude=",
            "--link ",
            "--parents ",
            "--checksum=sha256:",
            "https://example.com/a.git#",
            "git@example.com:a/b.git ",
            "--",
            "=",
            ",",
            "*",
            "**",
            "**/",
            "?",
            "!",
            "[^",
            "a-z",
            "-]",
            "\\",
            "\\\\",
            "é",
            "\uFEFF",
            "한",
            "\u0000",
            "\u00a0",
            "\u2028",
            "A",
            "B=c",
            "x",
            "9",
            "1e999",
            "-1",
            "99999999999999999999",
            "\\u",
            "\\ud800",
            "{",
            "null",
            "\":",
            "@sha256:",
            ":",
            "/",
            "(",
            ")",
            "%",
            "%2",
            "+",
            "..",
            ".");
    private static final Map<String, String> VARIABLES =
            Map.of("A", "hello/world", "B", "", "C", "a b  c", "D", "$A${A}'\"\\", "PATH", "/usr/local/bin");
    private static final LintFacts FACTS = new LintFacts(
            VARIABLES,
            Map.of("TARGETPLATFORM", "linux/amd64"),
            (image, platform) -> new BaseFacts(VARIABLES, List.of(), "linux/amd64", List.of("RUN <<EOF\nx\nEOF")),
            path -> path.length() % 2 == 0,
            null);

    private FuzzTargets() {}

    /// All of them.
    static List<FuzzTarget> all() throws IOException {
        List<byte[]> dockerfiles = dockerfiles();
        List<FuzzTarget> all = new ArrayList<>(List.of(
                target("dockerfile", dockerfiles, List.of(DockerfileFailure.class), FuzzTargets::dockerfile),
                target("plan", dockerfiles, List.of(BuildFailure.class), FuzzTargets::plan),
                target("words", words(), List.of(BadWordException.class), FuzzTargets::words),
                target(
                        "ignore",
                        ignoreFiles(),
                        List.of(DockerfileFailure.class, BuildFailure.class),
                        FuzzTargets::ignore),
                target("mount", mounts(), List.of(DockerfileFailure.class), FuzzTargets::mount),
                target("platform", platforms(), List.of(IllegalArgumentException.class), FuzzTargets::platform),
                target("reference", references(), List.of(IllegalArgumentException.class), FuzzTargets::reference),
                target("json", documents(), List.of(IllegalArgumentException.class), FuzzTargets::json)));
        all.addAll(ArchiveTargets.all());
        return all;
    }

    private static FuzzTarget target(
            String name, List<byte[]> seeds, List<Class<? extends Throwable>> refusals, FuzzTarget.Reader reader) {
        return new FuzzTarget(name, seeds, FRAGMENTS, refusals, reader);
    }

    private static List<byte[]> bytes(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    private static void dockerfile(byte[] text) {
        Linter.check("Dockerfile", text, FACTS, null);
        Dockerfile dockerfile = Dockerfile.parse("Dockerfile", text);
        CheckOptions.of(dockerfile);
        for (Stage stage : dockerfile.stages()) {
            dockerfile.expand(stage.origin(), stage.base(), Environment.of(VARIABLES));
            stage.instructions().forEach(instruction -> use(dockerfile, instruction));
        }
    }

    private static void use(Dockerfile dockerfile, Instruction instruction) {
        Environment environment = Environment.of(VARIABLES);
        if (instruction instanceof Instruction.Run run) {
            run.options()
                    .mounts()
                    .forEach(mount -> mount.resolve(word ->
                            dockerfile.expand(run.origin(), word, environment).text()));
        } else if (instruction instanceof Instruction.OnBuild onBuild) {
            Dockerfile.parseTrigger(onBuild.origin(), onBuild.trigger());
        }
        Dockerfile.expand(
                Words.forDisplay(dockerfile.escape()),
                instruction.origin(),
                instruction.origin().text(),
                environment);
    }

    private static void plan(byte[] text) {
        Dockerfile dockerfile = Dockerfile.parse("Dockerfile", text);
        PlanRequest request = PlanRequest.builder(Platform.parse("linux/amd64"))
                .allowed(java.util.Set.of(PlanRequest.Entitlement.values()))
                .buildArgs(VARIABLES)
                .build();
        try {
            Outline.of(dockerfile, request);
            Planner.plan(dockerfile, request, FuzzTargets::image);
        } catch (Defect e) {
            throw new AssertionError(e);
        }
    }

    private static BaseImage image(String name, Platform platform, String place) {
        ImageConfig config = new ImageConfig(null, null, platform, ContainerConfig.EMPTY, List.of(), List.of());
        return new BaseImage(
                name,
                new ImageHome.Repository(ImageReference.parse("base")),
                Digest.of(config.toJson()),
                config,
                List.of());
    }

    private static void words(byte[] input) throws BadWordException {
        String text = new String(input, UTF_8);
        for (Words.Quotes quotes : Words.Quotes.values()) {
            new Words('\\', quotes, Words.Unset.values()[input.length % 2]).expand(text, Environment.of(VARIABLES));
        }
    }

    private static void ignore(byte[] input) {
        DockerIgnore rules = IgnoreFile.parse(".dockerignore", input);
        for (String path : List.of("a", "a/b", "README.md", "a/b/c/d.go", "é/ü", "x\ny", "*", "[")) {
            boolean ignored = rules.ignores(path);
            check((rules.ruleFor(path) != null) == ignored, "a path is ignored by a rule");
            if (ignored && !rules.mayKeepBelow(path)) {
                check(rules.ignores(path + "/a"), "all below is ignored");
                check(rules.ignores(path + "/b/README.md"), "all below is ignored");
            }
        }
    }

    private static void mount(byte[] input) {
        String flag = new String(input, UTF_8).replace('\n', ' ').replace(' ', '_');
        Dockerfile dockerfile =
                Dockerfile.parse("Dockerfile", ("FROM a\nRUN --mount=" + flag + " true\n").getBytes(UTF_8));
        dockerfile.stages().getFirst().instructions().forEach(instruction -> use(dockerfile, instruction));
    }

    private static void platform(byte[] input) {
        Platform platform = Platform.parse(new String(input, UTF_8));
        check(Platform.parse(platform.toString()).equals(platform), "a platform is read as it is written");
    }

    private static void reference(byte[] input) {
        ImageReference reference = ImageReference.parse(new String(input, UTF_8));
        check(ImageReference.parse(reference.toString()).equals(reference), "a reference is read as it is written");
    }

    private static void json(byte[] input) {
        List<Runnable> documents = List.of(
                () -> again(
                        ImageIndex.parse(input).toJson(),
                        json -> ImageIndex.parse(json).toJson()),
                () -> again(
                        ImageManifest.parse(input).toJson(),
                        json -> ImageManifest.parse(json).toJson()),
                () -> again(
                        ImageConfig.parse(input).toJson(),
                        json -> ImageConfig.parse(json).toJson()));
        IllegalArgumentException refusal = null;
        int read = 0;
        for (Runnable document : documents) {
            try {
                document.run();
                read++;
            } catch (IllegalArgumentException e) {
                refusal = e;
            }
        }
        if (read == 0 && refusal != null) {
            throw refusal;
        }
    }

    private static void again(byte[] json, java.util.function.UnaryOperator<byte[]> readAndWrite) {
        check(java.util.Arrays.equals(json, readAndWrite.apply(json)), "a document is read as it is written");
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("It does not hold that " + what + ".");
        }
    }

    /// Kiln's own golden cases, and those in the folder that `kiln.fuzz.corpus` names.
    private static List<byte[]> dockerfiles() throws IOException {
        List<byte[]> all = new ArrayList<>();
        String corpus = System.getProperty("kiln.fuzz.corpus", "");
        for (Path folder : corpus.isEmpty() ? List.of(CASES) : List.of(CASES, Path.of(corpus))) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(path -> path.endsWith("Dockerfile"))
                        .sorted()
                        .toList()) {
                    byte[] text = Files.readAllBytes(file);
                    if (text.length < 8192) {
                        all.add(text);
                    }
                }
            }
        }
        return all;
    }

    private static List<byte[]> words() {
        return bytes(
                "$A",
                "${A}",
                "${A:-x$B}",
                "${A#h*o}",
                "${A%%/*}",
                "${A//l/$D}",
                "${A/o?w/x}",
                "'a b' \"$C\"",
                "\\$A",
                "${D:?m}",
                "<<EOF",
                "${A//*/$D}",
                "${U:-${A:+${B:-x}}}");
    }

    private static List<byte[]> ignoreFiles() {
        return bytes(
                "*\n!a/**\n",
                "**/node_modules\n*.md\n!README.md",
                "a/[b-d]?/*\n",
                "[^a-z]*\n\\*\n",
                "/a/../b\n# c\n !d\n",
                "dir/**/x\n**a**b\n***\n");
    }

    private static List<byte[]> mounts() {
        return bytes(
                "type=cache,id=go,target=/root/.cache,sharing=locked,mode=0755,uid=1,gid=2",
                "type=bind,from=build,source=/a,target=/b,rw",
                "type=secret,id=npmrc,target=/root/.npmrc,required=true,env=TOKEN",
                "type=ssh,id=default,mode=0600",
                "type=tmpfs,target=/tmp,size=64m",
                "target=$A,source=${B:-/x}",
                "\"type=bind\",\"target=/a,b\"");
    }

    private static List<byte[]> platforms() {
        return bytes(
                "linux/amd64", "linux/arm/v7", "windows(10.0.20348.1006)/amd64", "arm64", "macos", "local", "a(%2B)/b");
    }

    private static List<byte[]> references() {
        return bytes(
                "alpine",
                "alpine:3.20",
                "registry.example.com:5000/team/app:1.2",
                "localhost/a/b__c/d",
                "[::1]:5000/a",
                "a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    private static List<byte[]> documents() {
        String digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        return bytes(
                "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"" + digest
                        + "\",\"size\":3,\"annotations\":{\"a\":\"b\"},\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\","
                        + "\"os.version\":\"1\",\"variant\":\"v2\"}}],\"annotations\":{}}",
                "{\"schemaVersion\":2,\"mediaType\":\"m\",\"config\":{\"mediaType\":\"c\",\"digest\":\"" + digest
                        + "\",\"size\":2},\"layers\":[{\"mediaType\":\"l\",\"digest\":\"" + digest + "\",\"size\":9}]}",
                "{\"created\":\"2024-01-01T00:00:00.5Z\",\"architecture\":\"arm\",\"os\":\"linux\",\"config\":{\"User\":\"1\","
                        + "\"ExposedPorts\":{\"1/tcp\":{}},\"Env\":[\"A=b\"],\"Cmd\":[\"a\"],\"Volumes\":{\"/a\":{}},"
                        + "\"Labels\":{\"a\":\"b\"},\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":5},\"OnBuild\":[\"RUN a\"],"
                        + "\"Shell\":[\"sh\"],\"ArgsEscaped\":true},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                        + digest
                        + "\"]},\"history\":[{\"created\":\"2024-01-01T00:00:00Z\",\"created_by\":\"a\",\"empty_layer\":true}]}");
    }
}
