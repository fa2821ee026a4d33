package build.kiln.builder.app;

import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The value of a flag of the form `type=oci,dest=FILE`.
///
/// @param flag for messages, for example `--output`
final class KeyValues {

    private final String flag;
    private final String text;
    private final Map<String, String> values;

    private KeyValues(String flag, String text, Map<String, String> values) {
        this.flag = flag;
        this.text = text;
        this.values = values;
    }

    /// @throws RequestFailure if a part has no `=`, or a key stands twice
    static KeyValues parse(String flag, String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String part : parts(text)) {
            int equals = part.indexOf('=');
            if (equals <= 0) {
                throw wrong(flag, text, "\"" + part + "\" is not of the form key=value");
            }
            if (values.put(part.substring(0, equals), part.substring(equals + 1)) != null) {
                throw wrong(flag, text, "\"" + part.substring(0, equals) + "\" stands twice");
            }
        }
        return new KeyValues(flag, text, values);
    }

    /// Between commas; a part in double quotes may have commas of its own.
    private static List<String> parts(String text) {
        List<String> all = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && (quoted || part.isEmpty())) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                all.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        all.add(part.toString());
        return all;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /// The keys that begin so, in the order in which they stand there.
    Map<String, String> takeStartingWith(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                found.put(key, value);
            }
        });
        values.keySet().removeAll(found.keySet());
        return found;
    }

    /// `true` or `false`, in the spellings that Go has.
    boolean flag(String key, boolean otherwise) {
        String value = values.remove(key);
        if (value == null) {
            return otherwise;
        }
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw wrong(key + "=" + value + " is neither true nor false");
        };
    }

    @Nullable
    String take(String key) {
        return values.remove(key);
    }

    String takeOr(String key, String otherwise) {
        String value = values.remove(key);
        return value == null ? otherwise : value;
    }

    String need(String key) {
        String value = values.remove(key);
        if (value == null || value.isEmpty()) {
            throw wrong(flag, text, "it has no \"" + key + "\"");
        }
        return value;
    }

    /// What nobody has taken is refused by name.
    ///
    /// @param known all keys that this flag has
    void nothingLeft(List<String> known) {
        if (!values.isEmpty()) {
            String left = values.keySet().iterator().next();
            throw wrong(
                    flag,
                    text,
                    "it has no key \"" + left + "\" here. "
                            + NearestWord.advice(left, known, "The keys are " + String.join(", ", known)));
        }
    }

    RequestFailure wrong(String why) {
        return wrong(flag, text, why);
    }

    private static RequestFailure wrong(String flag, String text, String why) {
        return new RequestFailure(
                Reason.RequestInvalid,
                flag + " " + text,
                why.endsWith("?") ? why : why + ".",
                "Write it as " + flag + " key=value[,key=value…].");
    }
}
