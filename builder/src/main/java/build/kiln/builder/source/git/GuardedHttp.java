package build.kiln.builder.source.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.jspecify.annotations.Nullable;

/// HTTP connections that send credentials to nobody but the host they are for, wherever a redirect leads.
final class GuardedHttp implements HttpConnectionFactory {

    private final String origin;
    private final TrustManager @Nullable [] trust;
    private volatile int lastStatus;

    /// @param authority PEM certificates to trust besides the usual ones
    GuardedHttp(String origin, byte @Nullable [] authority) throws GeneralSecurityException, IOException {
        this.origin = origin;
        this.trust = authority == null ? null : trust(authority);
    }

    /// The status of the last answer; 0 if there was none.
    int lastStatus() {
        return lastStatus;
    }

    @Override
    public HttpConnection create(URL url) throws IOException {
        return guarded(new Connection(url));
    }

    @Override
    public HttpConnection create(URL url, Proxy proxy) throws IOException {
        return guarded(new Connection(url, proxy));
    }

    private Connection guarded(Connection connection) throws IOException {
        lastStatus = 0;
        if (trust != null) {
            try {
                connection.configure(null, trust, null);
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        }
        return connection;
    }

    private static TrustManager[] trust(byte[] authority) throws GeneralSecurityException, IOException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        int count = 0;
        TrustManagerFactory usual = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        usual.init((KeyStore) null);
        for (TrustManager one : usual.getTrustManagers()) {
            if (one instanceof X509TrustManager known) {
                for (X509Certificate anchor : known.getAcceptedIssuers()) {
                    anchors.setCertificateEntry("anchor-" + count++, anchor);
                }
            }
        }
        CertificateFactory certificates = CertificateFactory.getInstance("X.509");
        for (Certificate one : certificates.generateCertificates(new ByteArrayInputStream(authority))) {
            anchors.setCertificateEntry("anchor-" + count++, one);
        }
        TrustManagerFactory both = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        both.init(anchors);
        return both.getTrustManagers();
    }

    private final class Connection extends JDKHttpConnection {

        private final boolean ours;

        Connection(URL url) throws IOException {
            super(url);
            ours = GitAddress.origin(url).equals(origin);
        }

        Connection(URL url, Proxy proxy) throws IOException {
            super(url, proxy);
            ours = GitAddress.origin(url).equals(origin);
        }

        @Override
        public void setRequestProperty(String key, String value) {
            if (ours || !(key.equalsIgnoreCase("Authorization") || key.equalsIgnoreCase("Cookie"))) {
                super.setRequestProperty(key, value);
            }
        }

        @Override
        public int getResponseCode() throws IOException {
            int status = super.getResponseCode();
            lastStatus = status;
            return status;
        }
    }
}
