package build.kiln.builder.plan;

import build.kiln.builder.oci.ImageReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The named contexts, found by any way to write their name: `busybox`, `docker.io/library/busybox:latest`.
final class Contexts {

    /// A named context.
    ///
    /// @param name as the user gave it
    record Entry(String name, NamedContext context) {}

    private final Map<String, Entry> byPlainName = new HashMap<>();

    Contexts(Map<String, NamedContext> contexts) {
        contexts.forEach((name, context) -> byPlainName.put(plain(name), new Entry(name, context)));
    }

    @Nullable
    Entry find(String name) {
        if (name.equals("scratch") || name.equals("context")) {
            return null;
        }
        return byPlainName.get(plain(name));
    }

    /// Without what Docker adds to a short name.
    private static String plain(String name) {
        ImageReference reference;
        try {
            reference = ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            return name;
        }
        String text = reference.toString();
        if (text.startsWith("docker.io/library/")) {
            text = text.substring("docker.io/library/".length());
        } else if (text.startsWith("docker.io/")) {
            text = text.substring("docker.io/".length());
        }
        return text.endsWith(":latest") ? text.substring(0, text.length() - ":latest".length()) : text;
    }
}
