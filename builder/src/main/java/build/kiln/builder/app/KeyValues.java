package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
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
        for (String part : text.split(",", -1)) {
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
            throw wrong(
                    flag,
                    text,
                    "it has no key \"" + values.keySet().iterator().next() + "\" here; the keys are "
                            + String.join(", ", known));
        }
    }

    RequestFailure wrong(String why) {
        return wrong(flag, text, why);
    }

    private static RequestFailure wrong(String flag, String text, String why) {
        return new RequestFailure(
                Reason.RequestInvalid,
                flag + " " + text,
                why + ".",
                "Write it as " + flag + " key=value[,key=value…].");
    }
}
