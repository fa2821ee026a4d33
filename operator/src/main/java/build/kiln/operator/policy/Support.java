package build.kiln.operator.policy;

import build.kiln.crds.ImageBuildSpec;
import build.kiln.crds.Rebuild;
import java.util.List;
import java.util.function.BiPredicate;

/// Fields of the API that this release does not act on yet: refused by name, never passed over.
///
/// When a field gets its meaning, its row goes.
public final class Support {

    private record Row(String field, BiPredicate<ImageBuildSpec, String> isUsed) {}

    private static final List<Row> NOT_YET = List.of(
            new Row("spec.source.archive", (s, p) -> s.source().archive() != null),
            new Row("spec.source.configMap", (s, p) -> s.source().configMap() != null),
            new Row("spec.source.image", (s, p) -> s.source().image() != null),
            new Row("spec.source.flux", (s, p) -> s.source().flux() != null),
            new Row(
                    "spec.platforms with more than one platform",
                    (s, p) -> s.platforms().size() > 1),
            new Row(
                    "spec.platforms with a platform other than that of the nodes",
                    (s, p) -> s.platforms().size() == 1
                            && !s.platforms().getFirst().equals(p)),
            new Row("spec.verify", (s, p) -> s.verify() != null),
            new Row("spec.rebuild.schedule", (s, p) -> s.rebuild() instanceof Rebuild r && r.schedule() != null),
            new Row(
                    "spec.rebuild.onBaseImageChange",
                    (s, p) -> s.rebuild() instanceof Rebuild r && r.onBaseImageChange()));

    private Support() {}

    /// The fields that are used although nothing acts on them, in the order of the spec.
    ///
    /// @param platform the platform of the nodes that builders run on
    static List<String> missing(ImageBuildSpec spec, String platform) {
        return NOT_YET.stream()
                .filter(row -> row.isUsed().test(spec, platform))
                .map(Row::field)
                .toList();
    }
}
