package build.kiln.builder.exchange;

import build.kiln.builder.oci.ImageManifest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Step records in the manifest of the very image that they made.
public final class InlineCache {

    /// The manifest annotation that holds them.
    public static final String ANNOTATION = "build.kiln.cache.v1";

    private InlineCache() {}

    /// The annotations with the records of these steps among them. Equal steps make an equal text.
    ///
    /// @param steps of which all layers are the image's
    public static Map<String, String> annotations(Map<String, String> others, List<SharedStep> steps) {
        Map<String, String> all = new TreeMap<>(others);
        all.put(ANNOTATION, StepsDocument.text(steps));
        return all;
    }

    /// @throws IllegalArgumentException if the annotation is not what Kiln writes
    static List<SharedStep> read(ImageManifest manifest) {
        String text = manifest.annotations().get(ANNOTATION);
        return text == null ? List.of() : StepsDocument.parse(text.getBytes(StandardCharsets.UTF_8), manifest.layers());
    }
}
