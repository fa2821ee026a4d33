package build.kiln.e2e.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SuiteTest {

    @Test
    void everyFileOfARowIsInTheSuite() throws Exception {
        List<String> names = Suite.rows().stream().map(Row::name).toList();
        assertThat(names).doesNotHaveDuplicates();
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/build/kiln/e2e/row"))) {
            assertThat(names)
                    .containsAll(files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                            .toList());
        }
    }

    @Test
    void claimsAreOneSentenceAndNamespacesBelongToOneRow() {
        assertThat(Suite.rows()).allSatisfy(row -> {
            assertThat(row.claim()).matches("[A-Z].{20,110}[^.]");
            row.namespaces()
                    .keySet()
                    .forEach(name -> assertThat(Stage.namespace("abcd", name)).matches("[a-z0-9-]{1,63}"));
        });
        assertThat(Suite.rows().stream().flatMap(row -> row.namespaces().keySet().stream()))
                .doesNotHaveDuplicates();
    }

    @Test
    void pageHasEveryRow() throws Exception {
        String page = Files.readString(Path.of("../docs/e2e.md"));
        List<String> documented = Pattern.compile("^\\| `([a-z-]+)` \\|", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
        assertThat(documented)
                .containsExactlyElementsOf(Suite.rows().stream().map(Row::name).toList());
    }

    @Test
    void namesInDoubleBracesGetTheirValues() throws Exception {
        var document = new ObjectMapper().readTree("{\"a\":[\"{{base}}\",7],\"b\":\"${base} {{ip.site}}\"}");
        assertThat(Template.fill(document, Map.of("base", "b:1", "ip.site", "10.0.0.1")))
                .hasToString("{\"a\":[\"b:1\",7],\"b\":\"${base} 10.0.0.1\"}");
        assertThatThrownBy(() -> Template.fill(document, Map.of("base", "b:1")))
                .isInstanceOf(RowFailure.class)
                .hasMessage("The row names {{ip.site}}; there are [base].");
    }

    @Test
    void differencesAreToldAllAtOnce() {
        Differences differences = new Differences();
        differences.equal("Ready", "True", "True");
        differences.equal("status.digest", null, "sha256:1");
        differences.contains("The message", "no such thing", "Dockerfile:2");
        assertThatThrownBy(() -> differences.throwIfAny("phase Failed"))
                .isInstanceOf(RowFailure.class)
                .hasMessage("""
                    status.digest is not there; expected was "sha256:1".
                    The message is "no such thing"; it should contain "Dockerfile:2".
                    phase Failed\
                    """);
    }
}
