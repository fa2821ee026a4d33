package build.kiln.operator.policy;

import build.kiln.crds.ImageBuildSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// Tells two specs apart by all that can make a build come out differently: everything but `suspend`,
/// `priority`, `rebuild` and `history`.
public final class SpecDigest {

    private SpecDigest() {}

    @SuppressWarnings("unchecked") // A JSON object is a map of its fields.
    public static String of(ImageBuildSpec spec) {
        Map<String, Object> fields = new TreeMap<>(Serialization.jsonMapper().convertValue(spec, Map.class));
        fields.remove("suspend");
        fields.remove("priority");
        fields.remove("rebuild");
        fields.remove("history");
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(Serialization.asJson(fields).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }
}
