package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Origin;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/// A RUN's `--mount`, still unexpanded.
///
/// @param from the stage, image or named context that it reads, which can hold no variable; empty if not given
/// @param fields what stands between the commas
public record MountFlag(Origin origin, String from, List<String> fields) {

    public MountFlag {
        fields = List.copyOf(fields);
    }

    static MountFlag parse(Origin origin, String value) {
        List<String> fields = CommaList.parse(origin, "mount", value);
        String from = "";
        for (String field : fields) {
            int equals = field.indexOf('=');
            if (equals >= 0
                    && field.substring(0, equals).toLowerCase(Locale.ROOT).equals("from")) {
                from = field.substring(equals + 1);
                requireNoVariable(origin, from);
            }
        }
        return new MountFlag(origin, from, fields);
    }

    private static void requireNoVariable(Origin origin, String from) {
        int dollar = from.indexOf('$');
        if (dollar >= 0 && dollar != from.length() - 1) {
            throw origin.failure(
                    "--mount has from=" + from + ", and a mount's \"from\" cannot hold a variable.",
                    "Add a stage that starts from it (FROM " + from + " AS name), and write from=name.");
        }
    }

    /// The mount with every value expanded.
    ///
    /// @param expand turns one value into its expanded form; what it throws goes through
    /// @throws build.kiln.builder.failure.DockerfileFailure if a key is unknown, a value is wrong, or two of
    ///     them do not fit together
    public Mount resolve(UnaryOperator<String> expand) {
        MountReader reader = new MountReader(origin);
        for (String field : fields) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                reader.word(field);
            } else {
                String key = field.substring(0, equals).toLowerCase(Locale.ROOT);
                reader.value(key, expand.apply(field.substring(equals + 1)), field);
            }
        }
        return reader.finish();
    }
}
