package build.kiln.local.gitops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.local.Kubectl;
import build.kiln.local.apiserver.ApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesIT {

    private static final Path EXAMPLES = Path.of("..", "examples", "gitops");

    @TempDir
    Path folder;

    private ApiServer server;
    private Kubectl kubectl;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Kubectl.isInstalled(), "kubectl is not installed");
        server = ApiServer.start(
                ApiServer.Settings.ANY_PORT,
                Clock.systemUTC(),
                (query, out) -> out.open().close());
        kubectl = new Kubectl(folder, server.url().toString());
        server.install(Files.readAllBytes(Path.of("../helm/kiln/crds/imagebuilds.kiln.build.yaml")));
        for (String kind : kinds()) {
            server.install(kind.getBytes(StandardCharsets.UTF_8));
        }
        for (String namespace : List.of("team-a", "flux-system", "argocd")) {
            kubectl.run("create", "namespace", namespace).ok();
        }
    }

    private List<String> kinds() throws IOException {
        try (var in = Objects.requireNonNull(getClass().getResourceAsStream("kinds.yaml"))) {
            return List.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n---\n"));
        }
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void eachExampleIsAppliedAndAppliedAgainWithoutADifference() throws Exception {
        for (Path example : examples()) {
            String out = apply(Files.readString(example)).ok().out();
            assertThat(out).as(example.toString()).contains("serverside-applied");
            Kubectl.Run diff = kubectl.runWithInput(Files.readString(example), "diff", "--server-side", "-f", "-");
            assertThat(diff.exitCode())
                    .as("%s: %s%s", example, diff.out(), diff.err())
                    .isZero();
        }
    }

    @Test
    void noFieldOfAnExampleIsUnknown() throws Exception {
        for (Path example : examples()) {
            String text = Files.readString(example);
            String broken = text.replaceFirst("(?m)^(spec|data):$", "$1:\n  gitOps: true");
            assertThat(broken).as(example.toString()).isNotEqualTo(text);
            if (!text.contains("kind: ConfigMap")) {
                assertThat(apply(broken).err()).as(example.toString()).contains("gitOps");
            }
        }
    }

    /// A tool that looks before the operator does must not take the ImageBuild for done.
    @Test
    void anImageBuildIsInProgressFromItsFirstMoment() throws Exception {
        apply(Files.readString(EXAMPLES.resolve("images/web.yaml"))).ok();
        String seen = kubectl.run(
                        "-n",
                        "team-a",
                        "get",
                        "imagebuild",
                        "web",
                        "-o",
                        "jsonpath={.metadata.generation} {.status.observedGeneration}")
                .ok()
                .out();
        assertThat(seen).isEqualTo("1 -1");
    }

    /// What Flux and Argo CD are to wait for is what the examples have in git.
    @Test
    void theHealthChecksNameTheImageBuildsThatThereAre() throws Exception {
        for (Path example : examples()) {
            apply(Files.readString(example)).ok();
        }
        String checks =
                "jsonpath={range .spec.healthChecks[*]}{.apiVersion}/{.kind} {.namespace}/{.name}{\"\\n\"}{end}";
        String wanted = kubectl.run("-n", "flux-system", "get", "kustomizations", "images", "-o", checks)
                .ok()
                .out();
        String items =
                "jsonpath={range .items[*]}{.apiVersion}/{.kind} {.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}";
        String there = kubectl.run("get", "imagebuilds", "-A", "-o", items).ok().out();
        assertThat(wanted).isNotBlank().isEqualTo(there);
    }

    @Test
    void theManualShowsTheExamplesAsTheyAre() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "gitops.md"));
        for (String name : List.of("flux/images.yaml", "images/site.yaml")) {
            String example = Files.readString(EXAMPLES.resolve(name));
            assertThat(page).contains("```yaml\n" + example.substring(example.indexOf("apiVersion:")) + "```\n");
        }
    }

    private static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    private Kubectl.Run apply(String yaml) throws Exception {
        return kubectl.runWithInput(yaml, "apply", "--server-side", "--validate=strict", "-f", "-");
    }
}
