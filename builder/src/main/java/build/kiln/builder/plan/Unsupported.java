package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.parser.Origin;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What is refused by name, with the line, because nothing can run it yet. The one table of it: who learns to run a
/// feature deletes its row.
///
/// @param rows the refused features, each with what the user can do instead
public record Unsupported(Map<Feature, String> rows) {

    public Unsupported {
        rows = rows.isEmpty() ? Map.of() : new EnumMap<>(rows);
    }

    /// Nothing is refused: every plan that the language allows is made.
    public static Unsupported nothing() {
        return new Unsupported(Map.of());
    }

    /// What this version refuses.
    public static Unsupported thisVersion() {
        Map<Feature, String> rows = new EnumMap<>(Feature.class);
        rows.put(Feature.ONBUILD_TRIGGER, "Use a base image that has none, and write the instruction yourself.");
        rows.put(Feature.WINDOWS_LAYER, "Build it on Windows; Kiln takes such an image only as it is.");
        return new Unsupported(rows);
    }

    /// The same table without these rows.
    public Unsupported without(Set<Feature> supported) {
        Map<Feature, String> rest = new EnumMap<>(Feature.class);
        rest.putAll(rows);
        rest.keySet().removeAll(EnumSet.copyOf(supported));
        return new Unsupported(rest);
    }

    /// @throws build.kiln.builder.failure.DockerfileFailure `NotSupportedYet`, if the table has the feature
    void check(Feature feature, Origin origin) {
        String advice = rows.get(feature);
        if (advice != null) {
            throw origin.notSupportedYet(
                    origin.keyword().toUpperCase(Locale.ROOT) + " uses " + feature.shown()
                            + ", which Kiln does not do yet.",
                    advice);
        }
    }
}
