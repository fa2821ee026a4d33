package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Node;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.NearestWord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The flags of one instruction, checked against those that it has.
final class Flags {

    /// What may follow a flag's name.
    enum Kind {
        /// Nothing, `=true` or `=false`.
        SWITCH,
        /// `=value`, once.
        VALUE,
        /// `=value`, any number of times.
        VALUES
    }

    private final Origin origin;
    private final Map<String, Kind> valid;
    private final Map<String, List<String>> given = new LinkedHashMap<>();

    private Flags(Origin origin, Map<String, Kind> valid) {
        this.origin = origin;
        this.valid = valid;
    }

    static Flags parse(Node node, Map<String, Kind> valid) {
        Flags flags = new Flags(node.origin(), valid);
        node.flags().forEach(flags::add);
        return flags;
    }

    /// For an instruction that has none.
    static void requireNone(Node node) {
        parse(node, Map.of());
    }

    private void add(String written) {
        int equals = written.indexOf('=');
        String name = equals < 0 ? written.substring(2) : written.substring(2, equals);
        String value = equals < 0 ? null : written.substring(equals + 1);
        Kind kind = valid.get(name);
        if (kind == null) {
            throw unknown(name);
        }
        if (given.containsKey(name) && kind != Kind.VALUES) {
            throw origin.failure(keyword() + " has the flag --" + name + " twice.", "Remove one of them.");
        }
        String checked = kind == Kind.SWITCH ? checkSwitch(name, value) : requireValue(name, value);
        given.merge(
                name,
                List.of(checked),
                (before, more) -> java.util.stream.Stream.concat(before.stream(), more.stream())
                        .toList());
    }

    private RuntimeException unknown(String name) {
        if (valid.isEmpty()) {
            return origin.failure(
                    keyword() + " has the flag --" + name + ", but " + keyword() + " has no flags.",
                    "Remove it, or write -- in front of arguments that begin with --.");
        }
        List<String> all =
                valid.keySet().stream().sorted().map(flag -> "--" + flag).toList();
        return origin.failure(
                keyword() + " has the flag --" + name + ", which does not exist.",
                NearestWord.advice("--" + name, all, keyword() + " has " + String.join(", ", all) + "."));
    }

    private String requireValue(String name, @Nullable String value) {
        if (value == null) {
            throw origin.failure(
                    keyword() + " has the flag --" + name + " without a value.", "Write --" + name + "=VALUE.");
        }
        return value;
    }

    private String checkSwitch(String name, @Nullable String value) {
        String lower = value == null ? "true" : value.toLowerCase(Locale.ROOT);
        if (!lower.equals("true") && !lower.equals("false")) {
            throw origin.failure(
                    keyword() + " has --" + name + "=" + value + ", which is neither true nor false.",
                    "Write --" + name + " alone, or --" + name + "=false.");
        }
        return lower;
    }

    /// The value; empty if the flag was not given.
    String value(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? "" : values.getFirst();
    }

    List<String> values(String name) {
        return given.getOrDefault(name, List.of());
    }

    boolean isOn(String name) {
        return value(name).equals("true");
    }

    /// Null if the flag was not given.
    @Nullable
    Boolean onOrOff(String name) {
        return given.containsKey(name) ? (Boolean) isOn(name) : null;
    }

    Set<String> used() {
        return new TreeSet<>(given.keySet());
    }

    private String keyword() {
        return origin.keyword().toUpperCase(Locale.ROOT);
    }
}
