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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Holds the page on moving from Kaniko to the API, and to the flags that Kaniko's executor has.
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

    private static String page;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(Path.of("..", "docs", "migrate-from-kaniko.md"));
    }

    @Test
    void everyFlagOfKanikoHasItsRow() {
        List<String> firstCells = page.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| ")[0])
                .toList();
        List<String> named = firstCells.stream()
                .flatMap(cell -> matches("`--([a-z-]+)`", cell).stream())
                .distinct()
                .toList();
        assertThat(named).containsExactlyInAnyOrder(FLAGS.strip().split("\\s+"));
    }

    @Test
    void everyFieldThatIsNamedIsThere() {
        List<String> fields = matches("`((?:spec|status)(?:\\.[a-zA-Z0-9]+)+)", page);
        assertThat(fields).hasSizeGreaterThan(20).allSatisfy(field -> {
            JsonNode schema = CrdTest.SCHEMA;
            for (String name : field.split("\\.")) {
                schema = schema.path("properties").path(name);
            }
            assertThat(schema.isMissingNode()).as(field).isFalse();
        });
    }

    @Test
    void theExampleIsAnImageBuildThatIsLetIn() throws IOException {
        String example =
                matches("```yaml\\n(apiVersion: kiln.build/(?s:.*?))```", page).getFirst();
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, new YAMLMapper().readTree(withoutNames(example))))
                .isEmpty();
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
