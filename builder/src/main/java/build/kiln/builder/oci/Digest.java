package build.kiln.builder.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Algorithm and hex over exact bytes.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests">image-spec 1.1.1,
/// Digests</a>
public record Digest(String algorithm, String hex) implements Comparable<Digest> {

    /// @throws IllegalArgumentException if the algorithm is none of sha256, sha384 and sha512, or the hex is not its
    /// length
    public Digest {
        int digits = switch (algorithm) {
            case "sha256" -> 64;
            case "sha384" -> 96;
            case "sha512" -> 128;
            default ->
                throw new IllegalArgumentException(
                        "digest algorithm \"" + algorithm + "\" is none of sha256, sha384 and sha512");
        };
        if (hex.length() != digits || !isLowerCaseHex(hex)) {
            throw new IllegalArgumentException("\"" + hex + "\" is not the lower-case hex of a " + algorithm);
        }
    }

    /// By hand: a context of many files has as many digests.
    private static boolean isLowerCaseHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            if ((one < '0' || one > '9') && (one < 'a' || one > 'f')) {
                return false;
            }
        }
        return true;
    }

    /// Reads `sha256:…`.
    ///
    /// @throws IllegalArgumentException if the text is not a digest
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not a digest of the form sha256:<64 hex digits>");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /// The sha256 of these bytes.
    public static Digest of(byte[] bytes) {
        MessageDigest hash = sha256();
        hash.update(bytes);
        return finish(hash);
    }

    /// The sha256 of everything that was given to `hash`, which is reset by this.
    public static Digest finish(MessageDigest hash) {
        return new Digest("sha256", HexFormat.of().formatHex(hash.digest()));
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// A fresh, empty hash of this digest's own algorithm.
    public MessageDigest newHash() {
        try {
            return MessageDigest.getInstance("SHA-" + algorithm.substring("sha".length()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256, SHA-384 and SHA-512", e);
        }
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
