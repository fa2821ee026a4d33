package build.kiln.e2e.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 digests as registries write them.
final class Digests {

    private Digests() {}

    static String of(byte[] bytes) {
        return name(sha256().digest(bytes));
    }

    static String name(byte[] hash) {
        return "sha256:" + HexFormat.of().formatHex(hash);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    /// @throws RegistryFailure if what was seen is not what was expected
    static void check(String what, String seen, String expected) {
        if (!seen.equals(expected)) {
            throw new RegistryFailure("The digest of %s is %s, and should be %s.".formatted(what, seen, expected));
        }
    }
}
