package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Holds the pages on moving from other builders to the API, and to what those builders have.
class MigrationPageTest {

    /// All flags of Kaniko's executor 1.24 and of the fork that goes on with it, without old names of the same.
    private static final String FLAGS = """
            annotation bucket build-arg cache cache-copy-layers cache-dir cache-repo cache-run-layers
            cache-ttl cleanup compressed-caching compression compression-level context context-sub-path
            credential-helpers custom-platform destination digest-file dockerfile force
            force-build-metadata git ignore-path ignore-var-run image-download-retry
            image-fs-extract-retry image-name-tag-with-digest-file image-name-with-digest-file insecure
            insecure-pull insecure-registry kaniko-dir label log-format log-timestamp materialize no-push
            no-push-cache oci-layout-path pre-cleanup preserve-context push-ignore-immutable-tag-errors
            push-retry registry-certificate registry-client-cert registry-map registry-mirror
            reproducible secret single-snapshot skip-default-registry-fallback skip-push-permission-check
            skip-tls-verify skip-tls-verify-pull skip-tls-verify-registry skip-unused-stages
            snapshot-mode tar-path target use-new-run verbosity
            """;

    /// All fields of a BuildConfig that its users write, those of the Docker strategy among them.
    private static final String BUILD_CONFIG = """
            source.type source.git.uri source.git.ref source.git.httpProxy source.git.httpsProxy source.git.noProxy
            source.sourceSecret source.contextDir source.dockerfile source.binary source.images source.secrets
            source.configMaps strategy.dockerStrategy.from strategy.dockerStrategy.pullSecret
            strategy.dockerStrategy.noCache strategy.dockerStrategy.env strategy.dockerStrategy.forcePull
            strategy.dockerStrategy.dockerfilePath strategy.dockerStrategy.buildArgs
            strategy.dockerStrategy.imageOptimizationPolicy strategy.dockerStrategy.volumes output.to
            output.pushSecret output.imageLabels resources nodeSelector serviceAccount completionDeadlineSeconds
            mountTrustedCA postCommit runPolicy successfulBuildsHistoryLimit failedBuildsHistoryLimit triggers
            """;

    /// All fields of Shipwright's Build (v1beta1), and those that only its BuildRun has.
    private static final String SHIPWRIGHT = """
            source.type source.git.url source.git.revision source.git.cloneSecret source.git.depth
            source.ociArtifact.image source.ociArtifact.pullSecret source.ociArtifact.prune source.local
            source.contextDir trigger strategy paramValues output.image output.insecure output.pushSecret
            output.annotations output.labels output.platforms output.timestamp output.vulnerabilityScan timeout env
            retention.failedLimit retention.succeededLimit retention.ttlAfterFailed retention.ttlAfterSucceeded
            retention.atBuildDeletion volumes nodeSelector tolerations schedulerName runtimeClassName
            serviceAccount stepResources
            """;

    private static final String KANIKO_PAGE = "migrate-from-kaniko.md";
    private static final String BUILD_CONFIG_PAGE = "migrate-from-buildconfig.md";
    private static final String SHIPWRIGHT_PAGE = "migrate-from-shipwright.md";

    @Test
    void everyFlagOfKanikoHasItsRow() throws IOException {
        assertThat(firstCells(KANIKO_PAGE).stream()
                        .flatMap(cell -> matches("`--([a-z-]+)`", cell).stream())
                        .distinct())
                .containsExactlyInAnyOrder(FLAGS.strip().split("\\s+"));
    }

    @Test
    void everyFieldOfABuildConfigHasItsRow() throws IOException {
        assertThat(firstCells(BUILD_CONFIG_PAGE).stream()
                        .filter(cell -> !cell.startsWith("| `oc "))
                        .flatMap(cell -> matches("`([a-zA-Z.]+)`", cell.replaceAll(" of type .*", "")).stream())
                        .distinct())
                .containsExactlyInAnyOrder(BUILD_CONFIG.strip().split("\\s+"));
    }

    @Test
    void everyFieldOfShipwrightHasItsRow() throws IOException {
        String page = read(SHIPWRIGHT_PAGE);
        assertThat(SHIPWRIGHT.strip().split("\\s+"))
                .allSatisfy(field -> assertThat(page).containsPattern("(?m)^\\| [^|]*`" + Pattern.quote(field) + "`"));
    }

    @ParameterizedTest
    @ValueSource(strings = {KANIKO_PAGE, BUILD_CONFIG_PAGE, SHIPWRIGHT_PAGE})
    void everyFieldThatIsNamedIsThere(String name) throws IOException {
        List<String> fields = matches("`((?:spec|status)(?:\\.[a-zA-Z0-9]+)+)", withoutOthers(read(name)));
        assertThat(fields).hasSizeGreaterThan(20).allSatisfy(field -> {
            JsonNode schema = CrdTest.SCHEMA;
            for (String part : field.split("\\.")) {
                schema = schema.path("properties").path(part);
            }
            assertThat(schema.isMissingNode()).as(field).isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {KANIKO_PAGE, BUILD_CONFIG_PAGE, SHIPWRIGHT_PAGE})
    void theExampleIsAnImageBuildThatIsLetIn(String name) throws IOException {
        String example = matches("```yaml\\n(apiVersion: kiln.build/(?s:.*?))```", read(name))
                .getFirst();
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, new YAMLMapper().readTree(withoutNames(example))))
                .isEmpty();
    }

    private static String read(String page) throws IOException {
        return Files.readString(Path.of("..", "docs", page));
    }

    private static List<String> firstCells(String page) throws IOException {
        return read(page)
                .lines()
                .filter(line -> line.startsWith("| ") && line.contains("`"))
                .map(line -> line.split(" \\| ")[0])
                .toList();
    }

    /// Without the first cells of the tables, where other builders have fields called `status`.
    private static String withoutOthers(String page) {
        return page.replaceAll("(?m)^\\| [^|]*\\|", "|");
    }

    /// The schema that is judged here has nothing of what all resources have.
    private static String withoutNames(String example) {
        return example.substring(example.indexOf("spec:"));
    }

    private static List<String> matches(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map((MatchResult m) -> m.group(1))
                .toList();
    }
}
