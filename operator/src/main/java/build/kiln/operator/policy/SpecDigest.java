package build.kiln.operator.policy;

import build.kiln.crds.ImageBuildSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Tells two specs apart by all that can make a build come out differently, and by what a pod that runs cannot be given
/// any more.
///
/// When, whether and how often is built again, and how much of it is remembered, is neither: the operator reads it anew
/// each time.
public final class SpecDigest {

    /// Neither decides about the image nor about the pod.
    private static final List<String> READ_ANEW =
            List.of("suspend", "priority", "rebuild", "history", "retries", "retryWithMemory");

    /// Decides about pods alone.
    private static final String TIMEOUT = "timeout";

    private SpecDigest() {}

    /// What is remembered of a spec that is built: 16 digits for what decides about the image, a hyphen, and 8 for what
    /// its pods were given besides.
    public static String of(ImageBuildSpec spec) {
        return ofImage(spec) + "-" + digest(spec.timeout(), 4);
    }

    /// Whether what was remembered is of a spec that makes the same image.
    static boolean isOfSameImage(ImageBuildSpec spec, @Nullable String remembered) {
        return remembered != null && remembered.startsWith(ofImage(spec) + "-");
    }

    /// Whether a pod that was made then would be made the same way now.
    static boolean isOfSamePod(ImageBuildSpec spec, @Nullable String remembered) {
        return of(spec).equals(remembered);
    }

    @SuppressWarnings("unchecked") // A JSON object is a map of its fields.
    private static String ofImage(ImageBuildSpec spec) {
        Map<String, Object> fields = new TreeMap<>(Serialization.jsonMapper().convertValue(spec, Map.class));
        READ_ANEW.forEach(fields::remove);
        fields.remove(TIMEOUT);
        return digest(Serialization.asJson(fields), 8);
    }

    private static String digest(String text, int bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }
}
