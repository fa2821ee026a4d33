package build.kiln.operator.pod;

import build.kiln.crds.ImageBuild;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Names of builder pods, and the labels by which they are found again.
public final class PodNames {

    /// On every builder pod; what the operator watches.
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    public static final String MANAGED_BY_KILN = "kiln";
    public static final String IMAGE_BUILD = ImageBuild.GROUP + "/imagebuild";
    public static final String GENERATION = ImageBuild.GROUP + "/generation";
    public static final String ATTEMPT = ImageBuild.GROUP + "/attempt";

    /// The claim that the pod has its cache on.
    public static final String CACHE = ImageBuild.GROUP + "/cache";

    /// What of a build for several platforms the pod does: a [PodPart#word].
    public static final String PART = ImageBuild.GROUP + "/part";

    /// The one container of a builder pod.
    public static final String CONTAINER = "builder";

    /// A pod's name becomes its host name, and a host name has 63 characters.
    private static final int MAX = 63;

    private PodNames() {}

    /// The pod of one attempt at a whole build: `<name>-<generation>-<attempt>`.
    public static String of(String imageBuild, long generation, int attempt) {
        return of(imageBuild, generation, "", attempt);
    }

    /// The pod of one attempt: `<name>-<generation>-<attempt>`, and `<name>-<generation>-<part>-<attempt>` for a part
    /// of a
    /// build. The same attempt always has the same name, so that it cannot be made twice.
    ///
    /// @param part as in [PodPart#word]
    public static String of(String imageBuild, long generation, String part, int attempt) {
        String suffix = "-" + generation + (part.isEmpty() ? "" : "-" + part) + "-" + attempt;
        return shortened(imageBuild, MAX - suffix.length()) + suffix;
    }

    /// The name as a label's value.
    public static String label(String imageBuild) {
        return shortened(imageBuild, MAX);
    }

    /// At most `max` characters; what is cut off is told apart by a hash.
    private static String shortened(String name, int max) {
        if (name.length() <= max) {
            return name;
        }
        String hash = hash(name);
        String start = name.substring(0, max - hash.length() - 1);
        while (start.endsWith(".") || start.endsWith("-")) {
            start = start.substring(0, start.length() - 1);
        }
        return start + "-" + hash;
    }

    private static String hash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }
}
