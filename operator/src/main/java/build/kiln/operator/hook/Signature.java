package build.kiln.operator.hook;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Whether who sends a request knows the secret. Everything is compared in a time that does not depend on the bytes.
///
/// @see <a href="https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries">GitHub</a>
/// @see <a href="https://docs.gitlab.com/user/project/integrations/webhooks/">GitLab</a>
/// @see <a href="https://docs.gitea.com/usage/webhooks">Gitea</a>
final class Signature {

    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final String SHA256 = "sha256=";

    /// A key for those whom nobody knows, so that the same work is done for them.
    private static final byte[] NOBODYS = new byte[32];

    private Signature() {}

    /// @param secret empty: nobody can be right
    static boolean isRight(Headers headers, byte[] body, byte[] secret, Instant now) {
        boolean isNone = HookSecrets.isNone(secret);
        byte[] key = isNone ? NOBODYS : secret;
        return isSigned(headers, body, key, now) && !isNone;
    }

    private static boolean isSigned(Headers headers, byte[] body, byte[] key, Instant now) {
        String own = headers.getFirst("X-Kiln-Signature");
        if (own != null) {
            String timestamp =
                    Optional.ofNullable(headers.getFirst("X-Kiln-Timestamp")).orElse("");
            byte[] head = (timestamp + ".").getBytes(StandardCharsets.UTF_8);
            return equal(own, SHA256 + hmac(key, head, body)) && isFresh(timestamp, now);
        }
        String gitHub = headers.getFirst("X-Hub-Signature-256");
        if (gitHub != null) {
            return equal(gitHub, SHA256 + hmac(key, body));
        }
        String gitea = headers.getFirst("X-Gitea-Signature");
        if (gitea != null) {
            return equal(gitea, hmac(key, body));
        }
        String gitLab = headers.getFirst("X-Gitlab-Token");
        // What is compared has the same length, whatever was sent.
        return gitLab != null && equal(hmac(NOBODYS, gitLab.getBytes(StandardCharsets.ISO_8859_1)), hmac(NOBODYS, key));
    }

    /// A request that somebody has recorded is good for no longer.
    private static boolean isFresh(String timestamp, Instant now) {
        return timestamp.matches("[0-9]{1,11}")
                && Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now)
                                .abs()
                                .compareTo(FRESH)
                        <= 0;
    }

    private static boolean equal(String seen, String expected) {
        return MessageDigest.isEqual(
                seen.getBytes(StandardCharsets.ISO_8859_1), expected.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has HmacSHA256.", e);
        }
    }
}
