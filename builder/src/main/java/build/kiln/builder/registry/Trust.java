package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Which certificates are believed, and which are shown.
///
/// @param authorities PEM files that are trusted besides the JDK's own
/// @param pairs of a client certificate and its key
/// @see <a href="https://docs.docker.com/engine/security/certificates/">certs.d</a>
record Trust(List<Path> authorities, List<Pair> pairs) {

    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");
    private static final char[] NO_PASSWORD = new char[0];

    record Pair(Path certificate, Path key) {}

    /// What the folders `certs.d` say about a host, besides what holds for all.
    static Trust of(String host, List<Path> certsDirs, List<Path> caFiles) {
        List<Path> authorities = new ArrayList<>(caFiles);
        List<Pair> pairs = new ArrayList<>();
        for (Path folder : certsDirs) {
            Path own = folder.resolve(host);
            if (!Files.isDirectory(own)) {
                continue;
            }
            authorities.addAll(files(own, "*.crt"));
            for (Path certificate : files(own, "*.cert")) {
                String name = certificate.getFileName().toString();
                pairs.add(new Pair(
                        certificate, certificate.resolveSibling(name.substring(0, name.length() - 5) + ".key")));
            }
        }
        return new Trust(List.copyOf(authorities), List.copyOf(pairs));
    }

    private static List<Path> files(Path folder, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, glob)) {
            all.forEach(found::add);
        } catch (IOException e) {
            throw broken(folder, "The folder cannot be listed (" + e.getClass().getSimpleName() + ").");
        }
        found.sort(null);
        return found;
    }

    boolean isDefault() {
        return authorities.isEmpty() && pairs.isEmpty();
    }

    /// @throws RequestFailure `RequestInvalid` if a file is not what its name says
    SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(), trusted(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JDK's own TLS cannot be set up", e);
        }
    }

    /// Believes every certificate, for registries that are configured as insecure.
    SSLContext believingAll() {
        return unchecked(keys());
    }

    private static SSLContext unchecked(KeyManager @Nullable [] keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new BelieveAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK's own TLS cannot be set up", e);
        }
    }

    private TrustManager @Nullable [] trusted() throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        int count = 0;
        TrustManagerFactory own = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        own.init((KeyStore) null);
        for (TrustManager manager : own.getTrustManagers()) {
            if (manager instanceof X509TrustManager known) {
                for (X509Certificate authority : known.getAcceptedIssuers()) {
                    store.setCertificateEntry("own" + count++, authority);
                }
            }
        }
        for (Path file : authorities) {
            for (Certificate authority : certificates(file)) {
                store.setCertificateEntry("more" + count++, authority);
            }
        }
        TrustManagerFactory all = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        all.init(store);
        return all.getTrustManagers();
    }

    private KeyManager @Nullable [] keys() {
        if (pairs.isEmpty()) {
            return null;
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            for (Pair pair : pairs) {
                Certificate[] chain = certificates(pair.certificate()).toArray(Certificate[]::new);
                store.setKeyEntry(pair.certificate().toString(), key(pair.key()), NO_PASSWORD, chain);
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JDK's own key store cannot be set up", e);
        }
    }

    private static List<Certificate> certificates(Path file) {
        try {
            List<Certificate> all = new ArrayList<>(CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))));
            if (all.isEmpty()) {
                throw broken(file, "The file holds no certificate.");
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw broken(file, "The file does not hold certificates in PEM form.");
        } catch (IOException e) {
            throw broken(file, "The file cannot be read (" + e.getClass().getSimpleName() + ").");
        }
    }

    private static PrivateKey key(Path file) throws GeneralSecurityException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw broken(file, "The client key cannot be read (" + e.getClass().getSimpleName() + ").");
        }
        Matcher pem = PEM_KEY.matcher(text);
        if (!pem.find() || !pem.group(1).isEmpty()) {
            throw broken(
                    file,
                    "The client key is not an unencrypted key in PKCS #8 form (\"BEGIN PRIVATE KEY\");"
                            + " \"openssl pkcs8 -topk8 -nocrypt\" writes it so.");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(2)));
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                continue; // not of this kind; the next may fit
            }
        }
        throw broken(file, "The client key is neither RSA nor EC nor EdDSA.");
    }

    private static RequestFailure broken(Path file, String fact) {
        return new RequestFailure(
                Reason.RequestInvalid,
                file.toString(),
                fact,
                "Correct the file, or take it out of the certificates' folder.");
    }
}
