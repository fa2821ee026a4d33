package build.kiln.bench.stub;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.CertificateSigningRequestResource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// The certificate that a node shows an API server which asks it for logs: signed by the cluster, as kubelets have it,
/// or
/// by itself where the cluster signs none.
final class KubeletCertificate {

    private static final String PASSWORD = "of-no-secret";
    private static final String ALIAS = "kubelet";
    private static final long SECONDS = 20;

    private final KubernetesClient client;
    private final String node;
    private final InetAddress address;

    KubeletCertificate(KubernetesClient client, String node, InetAddress address) {
        this.client = client;
        this.node = node;
        this.address = address;
    }

    SSLContext context() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("kiln-bench");
        Path store = folder.resolve("keys.p12");
        Path request = folder.resolve("request.pem");
        try {
            keytool(
                    store,
                    List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=system:node:" + node + ", O=system:nodes"));
            keytool(
                    store,
                    List.of(
                            "-certreq",
                            "-ext",
                            "SAN=IP:" + address.getHostAddress() + ",DNS:" + node,
                            "-file",
                            request.toString()));
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            String signed = signed(pem(Files.readString(request)));
            if (!signed.isEmpty()) {
                replaceChain(keys, Base64.getMimeDecoder().decode(signed));
            }
            return context(keys);
        } catch (GeneralSecurityException e) {
            throw new IOException("The certificate of the node cannot be made: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(request);
            Files.deleteIfExists(store);
            Files.delete(folder);
        }
    }

    /// Made by the JDK's own keytool: there is no public API for it.
    private static void keytool(Path store, List<String> what) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(what);
        command.addAll(List.of(
                "-alias", ALIAS, "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("keytool ended with exit status " + process.exitValue() + ".");
        }
    }

    /// With the words that RFC 7468 wants around a request; keytool has older ones, which an API server refuses.
    private static byte[] pem(String request) {
        return request.replace(" NEW CERTIFICATE REQUEST-", " CERTIFICATE REQUEST-")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// The certificate (PEM, in Base64) that the cluster makes of the request; empty if it makes none in time.
    ///
    /// @throws KubernetesClientException if it does not take the request
    private String signed(byte[] request) {
        CertificateSigningRequest wanted = new CertificateSigningRequestBuilder()
                .withNewMetadata()
                .withName(node)
                .endMetadata()
                .withNewSpec()
                .withRequest(Base64.getEncoder().encodeToString(request))
                .withSignerName("kubernetes.io/kubelet-serving")
                .withUsages("digital signature", "server auth")
                .endSpec()
                .build();
        CertificateSigningRequestCondition yes = new CertificateSigningRequestConditionBuilder()
                .withType("Approved")
                .withStatus("True")
                .withReason("KilnBench")
                .build();
        CertificateSigningRequestResource<CertificateSigningRequest> resource =
                client.certificates().v1().certificateSigningRequests().withName(node);
        try {
            client.resource(wanted).create();
            resource.approve(yes);
            return resource.waitUntilCondition(
                            r -> r != null
                                    && r.getStatus() != null
                                    && r.getStatus().getCertificate() != null,
                            SECONDS,
                            TimeUnit.SECONDS)
                    .getStatus()
                    .getCertificate();
        } catch (KubernetesClientTimeoutException e) {
            return "";
        } finally {
            resource.delete();
        }
    }

    private static void replaceChain(KeyStore keys, byte[] pem) throws GeneralSecurityException {
        Certificate[] chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem))
                .toArray(Certificate[]::new);
        Key key = keys.getKey(ALIAS, PASSWORD.toCharArray());
        keys.setKeyEntry(ALIAS, key, PASSWORD.toCharArray(), chain);
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
