package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.RequestFailure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MoreAuthoritiesTest {

    private static final List<String> PROPERTIES = Stream.of("", "Type", "Password")
            .map(suffix -> "javax.net.ssl.trustStore" + suffix)
            .toList();

    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        PROPERTIES.forEach(System::clearProperty);
    }

    @Test
    void theUsualAuthoritiesStayAndTheNewOnesAreAdded() throws Exception {
        List<X509Certificate> before = trusted();
        Path bundle = authority("CN=Kiln Test CA");
        Files.writeString(bundle, Files.readString(bundle) + Files.readString(authority("CN=Second CA")));
        MoreAuthorities.trust(bundle, folder);
        List<X509Certificate> after = trusted();
        assertThat(after).containsAll(before).hasSize(before.size() + 2);
        assertThat(after)
                .extracting(c -> c.getSubjectX500Principal().getName())
                .contains("CN=Kiln Test CA", "CN=Second CA");
    }

    @Test
    void aFileWithoutCertificatesIsNamed() throws Exception {
        Path bundle = Files.writeString(folder.resolve("ca.crt"), "-----BEGIN CERTIFICATE-----\nnone\n");
        assertThatThrownBy(() -> MoreAuthorities.trust(bundle, folder))
                .isInstanceOf(RequestFailure.class)
                .hasMessageContaining("KILN_BUILDER_CA_BUNDLE of the operator")
                .hasMessageContaining(bundle.toString());
    }

    /// As everything sees them that has no settings of its own.
    private static List<X509Certificate> trusted() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return Arrays.stream(factory.getTrustManagers())
                .map(X509TrustManager.class::cast)
                .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
                .toList();
    }

    private Path authority(String name) throws Exception {
        String stem = name.replaceAll("[^A-Za-z]", "");
        Path store = folder.resolve(stem + ".p12");
        Path certificate = folder.resolve(stem + ".pem");
        keytool("-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", name, "-ext", "bc:c", "-keystore", store);
        keytool("-exportcert", "-rfc", "-alias", "ca", "-file", certificate, "-keystore", store);
        return certificate;
    }

    private static void keytool(String verb, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(System.getProperty("java.home") + "/bin/keytool", verb, "-storepass", "password"));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
