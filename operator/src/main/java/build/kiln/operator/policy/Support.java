package build.kiln.operator.policy;

import build.kiln.crds.ImageBuildSpec;
import java.util.List;
import java.util.function.Predicate;

/// Fields of the API that this release does not act on yet: refused by name, never passed over.
///
/// When a field gets its meaning, its row goes.
public final class Support {

    private record Row(String field, Predicate<ImageBuildSpec> isUsed) {}

    private static final List<Row> NOT_YET =
            List.of(new Row("spec.source.flux", s -> s.source().flux() != null));

    private Support() {}

    /// The fields that are used although nothing acts on them, in the order of the spec.
    static List<String> missing(ImageBuildSpec spec) {
        return NOT_YET.stream()
                .filter(row -> row.isUsed().test(spec))
                .map(Row::field)
                .toList();
    }
}
