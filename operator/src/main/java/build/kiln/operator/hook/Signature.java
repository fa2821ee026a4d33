package build.kiln.operator.hook;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Whether who sends a request knows the secret. Everything is compared in a time that does not depend on the bytes.
///
/// @see <a href="https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries">GitHub</a>
/// @see <a href="https://docs.gitlab.com/user/project/integrations/webhooks/">GitLab</a>
/// @see <a href="https://docs.gitea.com/usage/webhooks">Gitea</a>
/// @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
/// Webhooks</a>
final class Signature {

    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final String SHA256 = "sha256=";

    /// What a secret of Standard Webhooks begins with; the key is the rest, in Base64.
    private static final String STANDARD = "whsec_";

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
            return equal(own, SHA256 + hex(hmac(key, head, body))) && isFresh(timestamp, now);
        }
        String standard = headers.getFirst("webhook-signature");
        Optional<byte[]> standardKey = standardKey(key);
        if (standard != null && standardKey.isPresent()) {
            String timestamp =
                    Optional.ofNullable(headers.getFirst("webhook-timestamp")).orElse("");
            String id = Optional.ofNullable(headers.getFirst("webhook-id")).orElse("");
            byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
            String expected = "v1," + Base64.getEncoder().encodeToString(hmac(standardKey.get(), head, body));
            return oneEquals(standard, expected) && isFresh(timestamp, now);
        }
        String gitHub = headers.getFirst("X-Hub-Signature-256");
        if (gitHub != null) {
            return equal(gitHub, SHA256 + hex(hmac(key, body)));
        }
        String gitea = headers.getFirst("X-Gitea-Signature");
        if (gitea != null) {
            return equal(gitea, hex(hmac(key, body)));
        }
        String gitLab = headers.getFirst("X-Gitlab-Token");
        // What is compared has the same length, whatever was sent.
        return gitLab != null
                && MessageDigest.isEqual(
                        hmac(NOBODYS, gitLab.getBytes(StandardCharsets.ISO_8859_1)), hmac(NOBODYS, key));
    }

    /// Empty if the secret is of no such form.
    private static Optional<byte[]> standardKey(byte[] secret) {
        String text = new String(secret, StandardCharsets.ISO_8859_1);
        if (!text.startsWith(STANDARD)) {
            return Optional.empty();
        }
        try {
            byte[] key = Base64.getDecoder().decode(text.substring(STANDARD.length()));
            return key.length == 0 ? Optional.empty() : Optional.of(key);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// There are several signatures, with spaces between them, while the server's secret is exchanged.
    private static boolean oneEquals(String signatures, String expected) {
        boolean is = false;
        for (String one : signatures.split(" ", -1)) {
            is |= equal(one, expected);
        }
        return is;
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

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has HmacSHA256.", e);
        }
    }
}
