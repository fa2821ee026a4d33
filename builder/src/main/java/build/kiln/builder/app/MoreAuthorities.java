package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Authorities that this process trusts besides the usual ones: registries, git repositories and all that is fetched.
final class MoreAuthorities {

    private static final String TRUST_STORE = "javax.net.ssl.trustStore";

    private MoreAuthorities() {}

    /// Has to be called before the first connection: the JDK looks only once.
    ///
    /// @param bundle certificates in PEM form
    /// @param work where the file goes that the JDK wants; it has to stay while the process lives
    /// @throws RequestFailure `RequestInvalid` if the bundle is none
    static void trust(Path bundle, Path work) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int count = 0;
            TrustManagerFactory usual = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            usual.init((KeyStore) null);
            for (TrustManager manager : usual.getTrustManagers()) {
                if (manager instanceof X509TrustManager known) {
                    for (X509Certificate authority : known.getAcceptedIssuers()) {
                        store.setCertificateEntry("usual" + count++, authority);
                    }
                }
            }
            try (InputStream in = Files.newInputStream(bundle)) {
                for (Certificate authority :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("more" + count++, authority);
                }
            }
            Path file = work.resolve("authorities.p12");
            try (OutputStream out = Files.newOutputStream(file)) {
                // Without a password there is nothing to be kept secret and nothing to derive a key for.
                store.store(out, null);
            }
            System.setProperty(TRUST_STORE, file.toString());
            System.setProperty(TRUST_STORE + "Type", "PKCS12");
            System.setProperty(TRUST_STORE + "Password", "");
        } catch (GeneralSecurityException | IOException e) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "KILN_BUILDER_CA_BUNDLE of the operator",
                    "the certificates in " + bundle + " cannot be read: " + e.getMessage() + ".",
                    "It has to be a file of certificates in PEM form.",
                    e);
        }
    }
}
