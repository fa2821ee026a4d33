package build.kiln.e2e.outcome;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/// The results for programs: `{"holds":bool,"rows":[{"row","what","result","seconds","isolation","seen"}]}` on one
/// line.
public final class ResultsJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ResultsJson() {}

    public static String of(List<Result> results) {
        ObjectNode root = JSON.createObjectNode();
        root.put("holds", !results.isEmpty() && results.stream().allMatch(Result::holds));
        ArrayNode rows = root.putArray("rows");
        for (Result result : results) {
            rows.addObject()
                    .put("row", result.row())
                    .put("what", result.what())
                    .put("result", result.verdict().name().toLowerCase(Locale.ROOT))
                    .put("seconds", result.took().toMillis() / 1e3)
                    .put("isolation", result.isolation())
                    .put("seen", result.seen());
        }
        return root.toString();
    }
}
