package build.kiln.operator.status;

import static build.kiln.operator.status.Transitions.WRITER;
import static build.kiln.operator.status.Transitions.asJson;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.status.Transitions.Row;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What Flux and Argo CD make of an ImageBuild in each of its states, and after each transition between two of them.
class GitOpsTest {

    private static final List<String> TYPES = List.of("Ready", "Succeeded", "Reconciling", "Stalled");

    static Stream<Row> rows() {
        return Transitions.rows().stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void newsMeanTheSameWhateverWasBefore(Row row) {
        int found = 0;
        for (Map.Entry<String, ImageBuild> state : Transitions.states().entrySet()) {
            ImageBuild build = state.getValue();
            if (row.canFind(build)) {
                found++;
                ImageBuildStatus status = WRITER.write(build, row.news());
                JsonNode seen = asJson(build, status);
                String transition = "from \"" + state.getKey() + "\" to \"" + row + "\"";
                assertThat(conditions(seen)).as(transition).isEqualTo(row.conditions());
                assertThat(status.phase()).as(transition).isEqualTo(row.phase());
                assertThat(status.conditions().getFirst().reason())
                        .as(transition)
                        .isEqualTo(row.reason());
                assertThat(Kstatus.of(seen)).as(transition).isEqualTo(row.kstatus());
                ArgoCd.Health health = ArgoCd.health(seen);
                assertThat(health.status()).as(transition).isEqualTo(row.health());
                assertThat(health.message())
                        .as(transition)
                        .isEqualTo(status.conditions().getFirst().message());
                assertThat(status.observedGeneration()).as(transition).isEqualTo(2);
                assertThat(status.conditions()).as(transition).allSatisfy(c -> {
                    assertThat(c.observedGeneration()).isEqualTo(2);
                    assertThat(c.lastTransitionTime()).isNotEmpty();
                    assertThat(c.message()).isNotEmpty();
                    assertThat(c.reason()).matches("[A-Z][A-Za-z]+");
                });
            }
        }
        assertThat(found).isPositive();
    }

    @Test
    void thereAreRowsForAllNewsAndEachIsAState() {
        Set<Class<?>> had = new LinkedHashSet<>();
        rows().forEach(row -> had.add(row.news().getClass()));
        assertThat(had)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(News.class.getPermittedSubclasses())
                        .filter(kind -> kind != News.Note.class)
                        .toList());
        assertThat(Transitions.states().keySet())
                .containsAll(rows().map(Row::name).toList())
                .contains("nobody has seen it");
    }

    /// The operator writes nothing while it has not come to a resource, and nothing when it has gone.
    @ParameterizedTest
    @MethodSource("rows")
    void aSpecThatTheOperatorHasNotSeenIsInProgress(Row row) {
        ImageBuild before = Objects.requireNonNull(Transitions.states().get(row.name()));
        before.getMetadata().setGeneration(3L);
        JsonNode changed = asJson(before, before.getStatus());
        assertThat(Kstatus.of(changed)).isEqualTo(Kstatus.IN_PROGRESS);
        assertThat(ArgoCd.health(changed))
                .isEqualTo(new ArgoCd.Health("Progressing", "The operator has not seen this spec yet."));
        ((ObjectNode) changed.path("metadata")).put("deletionTimestamp", "2026-03-01T12:00:00Z");
        assertThat(Kstatus.of(changed)).isEqualTo(Kstatus.TERMINATING);
    }

    @Test
    void aResourceThatNobodyHasSeenIsInProgress() {
        ImageBuild unseen = Transitions.unseen();
        JsonNode seen = asJson(unseen, unseen.getStatus());
        assertThat(Kstatus.of(seen)).isEqualTo(Kstatus.IN_PROGRESS);
        ArgoCd.Health notYet = new ArgoCd.Health("Progressing", "The operator has not seen this ImageBuild yet.");
        assertThat(ArgoCd.health(seen)).isEqualTo(notYet);
        ((ObjectNode) seen).remove("status");
        assertThat(ArgoCd.health(seen)).isEqualTo(notYet);
        // This is why the CRD has a default for the status.
        assertThat(Kstatus.of(seen)).isEqualTo(Kstatus.CURRENT);
    }

    /// The examples of kstatus' own documentation.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                                              | CURRENT
            {metadata: {generation: 2}, status: {observedGeneration: 1, conditions: [{type: Ready, status: 'True'}]}} | IN_PROGRESS
            {metadata: {generation: 2}, status: {conditions: [{type: Ready, status: 'True'}]}}              | CURRENT
            {metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'False'}]}} | IN_PROGRESS
            {status: {conditions: [{type: Ready, status: 'Unknown'}]}}                                      | IN_PROGRESS
            {status: {conditions: [{type: Ready, status: 'True'}, {type: Reconciling, status: 'True'}]}}    | IN_PROGRESS
            {status: {conditions: [{type: Ready, status: 'True'}, {type: Reconciling, status: 'False'}]}}   | CURRENT
            {status: {conditions: [{type: Ready, status: 'False'}, {type: Stalled, status: 'True'}]}}       | FAILED
            {status: {conditions: [{type: Stalled, status: 'True'}, {type: Reconciling, status: 'True'}]}}  | FAILED
            {status: {conditions: [{type: Reconciling, status: 'True'}, {type: Stalled, status: 'True'}]}}  | IN_PROGRESS
            {metadata: {deletionTimestamp: x}, status: {conditions: [{type: Stalled, status: 'True'}]}}     | TERMINATING
            {status: {conditions: [{type: Succeeded, status: 'False'}]}}                                    | CURRENT
            """)
    void theRulesAreThoseOfKstatus(String resource, Kstatus kstatus) {
        assertThat(Kstatus.of(ArgoCd.parse(resource))).isEqualTo(kstatus);
    }

    /// The table of docs/operator.md has each state that there is, and no other.
    @Test
    void theManualHasAllStates() throws IOException {
        Set<String> real = new LinkedHashSet<>(List.of("(none) | | | | | InProgress | Progressing"));
        for (Row row : Transitions.rows()) {
            real.add(manualRow(row));
        }
        String page = Files.readString(Path.of("..", "docs", "operator.md"));
        String table = page.substring(page.indexOf("| phase | `Ready` |"));
        Set<String> written = new LinkedHashSet<>();
        table.substring(0, table.indexOf("\n\n")).lines().skip(2).forEach(line -> written.add(cells(line, 7)));
        assertThat(written).containsExactlyInAnyOrderElementsOf(real);
    }

    private static String manualRow(Row row) {
        Map<String, String> values = new TreeMap<>();
        Arrays.stream(row.conditions().split(" ")).forEach(c -> values.put(c.split("=")[0], c.split("=")[1]));
        List<String> cells = new ArrayList<>(List.of(row.phase().name()));
        TYPES.forEach(type -> cells.add(values.getOrDefault(type, "")));
        cells.add(row.kstatus().word());
        cells.add(row.health());
        return cells("| " + String.join(" | ", cells) + " |", 7);
    }

    /// The first cells of a row of a table, without quotes.
    private static String cells(String line, int count) {
        String[] cells = line.replace("`", "").split(Pattern.quote("|"));
        List<String> first = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            first.add(cells[i].strip());
        }
        return String.join(" | ", first).replace("  ", " ");
    }

    private static String conditions(JsonNode resource) {
        List<String> words = new ArrayList<>();
        for (JsonNode condition : resource.at("/status/conditions")) {
            String type = condition.path("type").asText();
            if (TYPES.contains(type)) {
                words.add(type + "=" + condition.path("status").asText());
            }
        }
        return String.join(" ", words);
    }
}
