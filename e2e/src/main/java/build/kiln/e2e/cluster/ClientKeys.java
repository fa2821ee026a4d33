package build.kiln.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// The client takes every key in a kubeconfig for RSA's unless it is told otherwise.
final class ClientKeys {

    private static final String HEADER = "-----BEGIN PRIVATE KEY-----";
    private static final String FOOTER = "-----END PRIVATE KEY-----";

    private ClientKeys() {}

    /// The algorithm of the config's client key; empty if there is none, or its form says it (`BEGIN RSA PRIVATE KEY`).
    static Optional<String> algorithm(Config config) {
        String data = config.getClientKeyData();
        return data == null ? Optional.empty() : algorithm(new String(decoded(data), StandardCharsets.US_ASCII));
    }

    private static byte[] decoded(String data) {
        return Base64.getMimeDecoder().decode(data);
    }

    private static Optional<String> algorithm(String pem) {
        int start = pem.indexOf(HEADER);
        int end = pem.indexOf(FOOTER);
        if (start < 0 || end < start) {
            return Optional.empty();
        }
        byte[] der = decoded(pem.substring(start + HEADER.length(), end));
        return List.of("RSA", "EC", "Ed25519").stream()
                .filter(algorithm -> isOf(algorithm, der))
                .findFirst();
    }

    private static boolean isOf(String algorithm, byte[] der) {
        try {
            KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
