package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.words.Environment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Variables with values, in the order in which they were last set.
final class Variables implements Environment {

    private final Map<String, String> values;

    Variables() {
        this.values = new LinkedHashMap<>();
    }

    private Variables(Map<String, String> values) {
        this.values = new LinkedHashMap<>(values);
    }

    Variables copy() {
        return new Variables(values);
    }

    void set(String name, String value) {
        values.remove(name);
        values.put(name, value);
    }

    /// Sets each `KEY=value`.
    void setAll(List<String> assignments) {
        for (String one : assignments) {
            int equals = one.indexOf('=');
            set(equals < 0 ? one : one.substring(0, equals), equals < 0 ? "" : one.substring(equals + 1));
        }
    }

    void remove(String name) {
        values.remove(name);
    }

    @Override
    public @Nullable String get(String name) {
        return values.get(name);
    }

    Set<String> names() {
        return values.keySet();
    }

    /// `KEY=value` each.
    List<String> assignments() {
        List<String> all = new ArrayList<>();
        values.forEach((name, value) -> all.add(name + "=" + value));
        return all;
    }
}
