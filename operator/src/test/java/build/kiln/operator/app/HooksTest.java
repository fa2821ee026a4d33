package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.HistoryEntry;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pushes that git servers tell of, over real HTTP.
class HooksTest {

    private static final String SECRET = "a-secret-of-twenty-bytes";
    private static final String STANDARD_SECRET = "whsec_dGhpcnR5LXR3byBieXRlcywgaW4gYmFzZSA2NCEh";
    private static final String COMMIT = "c0ffee0123456789c0ffee0123456789c0ffee01";
    private static final String PUSH =
            "{\"ref\":\"refs/heads/main\",\"after\":\"" + COMMIT + "\",\"repository\":{\"default_branch\":\"main\"}}";
    private static final String REFUSED =
            "401 The signature is missing or wrong, or there is no secret for this path. See docs/rebuild.md.\n";

    @TempDir
    static Path secrets;

    private static TestCluster cluster;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        cluster =
                new TestCluster(Map.of("KILN_HOOKS_ADDRESS", "127.0.0.1:0", "KILN_HOOKS_SECRETS", secrets.toString()));
    }

    @AfterAll
    static void stop() {
        cluster.close();
        HTTP.close();
    }

    @ParameterizedTest
    @CsvSource({"github", "gitea", "gitlab", "kiln", "standard"})
    void aPushIsBuiltOnceWhoeverTellsOfIt(String server) throws Exception {
        String namespace = built("revision: main");
        if (server.equals("standard")) {
            Files.writeString(secrets.resolve(namespace), STANDARD_SECRET);
        }
        assertThat(send(namespace, "web", PUSH, signed(server, PUSH))).isEqualTo("202 A build is due.\n");
        cluster.awaitPod(namespace, "web-1-1");
        cluster.end(namespace, "web-1-1", succeeded());
        ImageBuild web = web(namespace);
        assertThat(cluster.awaitStatus(web, s -> s.history().size() == 2).history())
                .extracting(HistoryEntry::reason)
                .containsExactly("Webhook", "Created");
        cluster.awaitQuiet(web);
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0", "web-1-1");
    }

    @Test
    void aPushOutlivesTheOperatorAndComesAfterTheBuildThatRuns() throws Exception {
        String namespace = secretFor(cluster.newNamespace());
        ImageBuild web = cluster.apply(namespace, "web", git("revision: main"), "");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        // The API server in memory lets a status overwrite another: the operator has nothing to write from here on.
        cluster.awaitQuiet(web);
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).isEqualTo("202 A build is due.\n");
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).isEqualTo("202 A build is due already.\n");
        cluster.stopOperator();
        assertThat(Objects.requireNonNull(cluster.get(web).getStatus().due()).revision())
                .isEqualTo(COMMIT);
        cluster.startOperator();
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.end(namespace, "web-1-1", succeeded());
        cluster.awaitStatus(web, s -> s.history().size() == 2);
    }

    /// It would wait behind all that somebody asked for, and somebody has.
    @Test
    void aPushTakesThePlaceOfARebuildThatNobodyAskedFor() throws Exception {
        String namespace = secretFor(cluster.newNamespace());
        ImageBuild web = cluster.apply(namespace, "web", git("revision: main"), "rebuild: {schedule: '0 4 * * *'}");
        cluster.run(namespace, "web-1-0");
        cluster.awaitPhase(web, Phase.Building);
        cluster.changeStatusWhileNobodyIsThere(web, "nextAt", "2026-01-01T04:00:00Z");
        cluster.awaitStatus(web, s -> s.due() != null);
        cluster.awaitQuiet(web);
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).isEqualTo("202 A build is due.\n");
        assertThat(cluster.awaitStatus(web, s -> s.due() != null).due())
                .extracting("reason", "revision")
                .containsExactly("Webhook", COMMIT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        revision: main    | {"ref":"refs/heads/other","after":"c0ffee"}                            | 202 Ignored: It is not of what spec.source.git.revision names.
        revision: v1      | {"ref":"refs/tags/v1","after":"c0ffee"}                                | 202 A build is due.
        submodules: false | {"ref":"refs/heads/dev","repository":{"default_branch":"main"}}        | 202 Ignored: It is not of what spec.source.git.revision names.
        submodules: false | {"ref":"refs/heads/main","project":{"default_branch":"main"}}          | 202 A build is due.
        revision: main    | {"ref":"refs/heads/main","deleted":true}                               | 202 Ignored: The branch or tag is gone.
        revision: c0ffee0123456789c0ffee0123456789c0ffee01 | {"ref":"refs/heads/main"}             | 202 Ignored: spec.source.git.revision is a commit, which does not move.
        revision: main    | not JSON                                                               | 400 The body cannot be read: it is not JSON.
        revision: main    | [1]                                                                    | 400 The body cannot be read: it is no JSON object.
        """)
    void onlyPushesOfWhatIsBuiltCount(String source, String body, String answer) throws Exception {
        String namespace = built(source);
        assertThat(send(namespace, "web", body, signed("github", body))).isEqualTo(answer + "\n");
    }

    @Test
    void aPingIsAnsweredAndOtherEventsAreIgnored() throws Exception {
        String namespace = built("revision: main");
        Map<String, String> signed = signed("github", "{}");
        assertThat(send(namespace, "web", "{}", with(signed, "X-GitHub-Event", "ping")))
                .isEqualTo("200 The signature is right.\n");
        assertThat(send(namespace, "web", "{}", with(signed, "X-GitHub-Event", "issues")))
                .isEqualTo("202 Ignored: it is no push.\n");
        cluster.awaitQuiet(web(namespace));
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    /// What exists and what does not are the same to who does not know the secret.
    @Test
    void whoDoesNotKnowTheSecretLearnsNothing() throws Exception {
        String namespace = built("revision: main");
        Map<String, String> right = signed("github", PUSH);
        assertThat(send(namespace, "web", PUSH, Map.of())).isEqualTo(REFUSED);
        assertThat(send(namespace, "web", PUSH + " ", right)).isEqualTo(REFUSED);
        assertThat(send(namespace, "nothing", PUSH, Map.of("X-Hub-Signature-256", "sha256=00")))
                .isEqualTo(REFUSED);
        assertThat(send("no-namespace", "web", PUSH, right)).isEqualTo(REFUSED);
        assertThat(send(namespace, "web", PUSH, Map.of("X-Gitlab-Token", ""))).isEqualTo(REFUSED);
        assertThat(send("..", "web", PUSH, right)).isEqualTo(REFUSED);
        assertThat(send("no-namespace", "web", PUSH, signed("github", PUSH, new byte[32])))
                .isEqualTo(REFUSED);
        assertThat(send(namespace, "nothing", PUSH, right))
                .isEqualTo("404 There is no ImageBuild " + namespace + "/nothing.\n");
        cluster.awaitQuiet(web(namespace));
        assertThat(cluster.podNames(namespace)).containsExactly("web-1-0");
    }

    @Test
    void aSecretOfOneImageBuildIsForNoOther() throws Exception {
        String namespace = built("revision: main");
        Files.writeString(secrets.resolve(namespace + ".web"), "another-secret-of-its-own");
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).isEqualTo(REFUSED);
        byte[] own = "another-secret-of-its-own".getBytes(StandardCharsets.UTF_8);
        assertThat(send(namespace, "other", PUSH, signed("github", PUSH, own))).isEqualTo(REFUSED);
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH, own))).isEqualTo("202 A build is due.\n");
        Files.writeString(secrets.resolve(namespace + ".web"), "short");
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH, "short".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(REFUSED);
    }

    @Test
    void aRequestThatWasRecordedIsGoodForFiveMinutes() throws Exception {
        String namespace = built("revision: main");
        String old = Long.toString(Instant.now().minusSeconds(600).getEpochSecond());
        assertThat(send(namespace, "web", PUSH, kiln(PUSH, old))).isEqualTo(REFUSED);
        Map<String, String> fresh = with(
                kiln(PUSH, old), "X-Kiln-Timestamp", Long.toString(Instant.now().getEpochSecond()));
        assertThat(send(namespace, "web", PUSH, fresh)).isEqualTo(REFUSED);
    }

    @Test
    void whatIsTooLargeOrNoPostIsNotRead() throws Exception {
        String namespace = built("revision: main");
        String large = "x".repeat((5 << 20) + 1);
        assertThat(send(namespace, "web", large, signed("github", large)))
                .isEqualTo("413 The body has more than 5242880 bytes.\n");
        HttpResponse<String> got = HTTP.send(
                HttpRequest.newBuilder(uri(namespace, "web")).GET().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(got.statusCode()).isEqualTo(405);
        assertThat(got.headers().firstValue("Allow")).contains("POST");
    }

    /// Bodies that never come take the room of nobody who sends a push as it mostly is.
    @Test
    void smallBodiesThatNeverComeKeepNobodyOut() throws Exception {
        String namespace = built("revision: main");
        try (Silent _ = new Silent(namespace, 32, 100, 50)) {
            assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).isEqualTo("202 A build is due.\n");
            String large = PUSH + " ".repeat(65 << 10);
            assertThat(send(namespace, "web", large, signed("github", large))).startsWith("202 ");
        }
    }

    /// Large ones do so to large ones alone: those are told to come again, and nobody waits.
    @Test
    void largeBodiesThatNeverComeBlockLargeOnesAloneAndNotForGood() throws Exception {
        String namespace = built("revision: main");
        String large = PUSH + " ".repeat(65 << 10);
        try (Silent _ = new Silent(namespace, 8, 1 << 20, (64 << 10) + 1)) {
            Awaitility.await()
                    .atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(send(namespace, "web", large, signed("github", large)))
                            .isEqualTo("503 Too many requests at once; send it again.\n"));
            assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).startsWith("202 A build is due");
        }
        Awaitility.await()
                .atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(send(namespace, "web", large, signed("github", large)))
                        .startsWith("202 "));
    }

    /// Requests without a signature whose bodies stop on their way.
    private static final class Silent implements AutoCloseable {

        private final List<Socket> sockets = new ArrayList<>();

        /// @param length of the body, by its header
        /// @param sent so many bytes of it
        Silent(String namespace, int requests, int length, int sent) throws IOException {
            String head =
                    "POST /hooks/%s/web HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n".formatted(namespace, length);
            for (int i = 0; i < requests; i++) {
                Socket socket = new Socket("127.0.0.1", cluster.hooksPort());
                sockets.add(socket);
                socket.getOutputStream().write((head + " ".repeat(sent)).getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aSignatureOfStandardWebhooksIsOfItsIdItsTimeAndItsBody() throws Exception {
        String namespace = built("revision: main");
        Files.writeString(secrets.resolve(namespace), STANDARD_SECRET);
        String now = Long.toString(Instant.now().getEpochSecond());
        Map<String, String> right = standard(PUSH, "id-1", now);
        assertThat(send(namespace, "web", PUSH + " ", right)).isEqualTo(REFUSED);
        assertThat(send(namespace, "web", PUSH, with(right, "webhook-id", "id-2")))
                .isEqualTo(REFUSED);
        String old = Long.toString(Instant.now().minusSeconds(600).getEpochSecond());
        assertThat(send(namespace, "web", PUSH, standard(PUSH, "id-1", old))).isEqualTo(REFUSED);
        assertThat(send(namespace, "web", PUSH, with(standard(PUSH, "id-1", old), "webhook-timestamp", now)))
                .isEqualTo(REFUSED);
        String signature = Objects.requireNonNull(right.get("webhook-signature"));
        assertThat(send(namespace, "web", PUSH, with(right, "webhook-signature", signature.replace("v1,", "v2,"))))
                .isEqualTo(REFUSED);
        assertThat(send(namespace, "web", PUSH, with(right, "webhook-signature", "v1,AAAA " + signature)))
                .isEqualTo("202 A build is due.\n");
    }

    /// What the libraries of Standard Webhooks are tried with.
    @Test
    void theSignatureIsTheOneOfTheStandard() throws Exception {
        Map<String, String> signed = standard(
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "{\"test\": 2432232314}",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330");
        assertThat(signed.get("webhook-signature")).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void whoComesSecondTriesAgainAndGivesUpOnlyAfterSomeTime() throws Exception {
        String namespace = built("revision: main");
        cluster.awaitQuiet(web(namespace));
        String status = "/apis/kiln.build/v1alpha1/namespaces/" + namespace + "/imagebuilds/web/status";
        cluster.server
                .expect()
                .put()
                .withPath(status)
                .andReturn(409, conflict())
                .times(5);
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH)))
                .isEqualTo("503 The resource changes all the time; send it again.\n");
        cluster.server
                .expect()
                .put()
                .withPath(status)
                .andReturn(409, conflict())
                .times(2);
        assertThat(send(namespace, "web", PUSH, signed("github", PUSH))).isEqualTo("202 A build is due.\n");
        cluster.awaitPod(namespace, "web-1-1");
    }

    private static Status conflict() {
        return new StatusBuilder()
                .withStatus("Failure")
                .withCode(409)
                .withReason("Conflict")
                .build();
    }

    /// The Service knows no leader: half of the pushes come to the replica that waits.
    @Test
    void theReplicaThatWaitsWritesThePushDownAndTheOtherOneBuilds() throws Exception {
        TestCluster two = new TestCluster(Map.of(
                "KILN_HOOKS_ADDRESS",
                "127.0.0.1:0",
                "KILN_HOOKS_SECRETS",
                secrets.toString(),
                "KILN_LEASE_NAMESPACE",
                "kiln"));
        try (Operator standby = two.startStandby()) {
            String namespace = secretFor(two.newNamespace());
            ImageBuild web = two.apply(namespace, "web", git("revision: main"), "");
            two.end(namespace, "web-1-0", succeeded());
            two.awaitPhase(web, Phase.Succeeded);
            two.awaitQuiet(web);
            URI uri = URI.create(
                    "http://127.0.0.1:" + standby.hooksPort().orElseThrow() + "/hooks/" + namespace + "/web");
            assertThat(send(uri, PUSH, signed("github", PUSH))).isEqualTo("202 A build is due.\n");
            two.end(namespace, "web-1-1", succeeded());
            assertThat(two.awaitStatus(web, s -> s.history().size() == 2).history())
                    .extracting(HistoryEntry::reason)
                    .containsExactly("Webhook", "Created");
            two.awaitQuiet(web);
            assertThat(two.podNames(namespace)).containsExactly("web-1-0", "web-1-1");
        } finally {
            two.close();
        }
    }

    private static String built(String source) {
        String namespace = secretFor(cluster.newNamespace());
        ImageBuild web = cluster.apply(namespace, "web", git(source), "");
        cluster.end(namespace, "web-1-0", succeeded());
        cluster.awaitPhase(web, Phase.Succeeded);
        return namespace;
    }

    private static String git(String more) {
        return "source: {git: {url: 'https://git.example.com/web.git', " + more + "}}";
    }

    private static String secretFor(String namespace) {
        try {
            Files.writeString(secrets.resolve(namespace), SECRET + "\n");
            return namespace;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ImageBuild web(String namespace) {
        return cluster.client
                .resources(ImageBuild.class)
                .inNamespace(namespace)
                .withName("web")
                .get();
    }

    private static URI uri(String namespace, String name) {
        return URI.create("http://127.0.0.1:" + cluster.hooksPort() + "/hooks/" + namespace + "/" + name);
    }

    private static String send(String namespace, String name, String body, Map<String, String> headers)
            throws Exception {
        return send(uri(namespace, name), body, headers);
    }

    private static String send(URI uri, String body, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private static Map<String, String> signed(String server, String body) {
        return signed(server, body, SECRET.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> signed(String server, String body, byte[] secret) {
        return switch (server) {
            case "github" -> Map.of("X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256=" + hmac(secret, body));
            case "gitea" -> Map.of("X-Gitea-Event", "push", "X-Gitea-Signature", hmac(secret, body));
            case "gitlab" ->
                Map.of("X-Gitlab-Event", "Push Hook", "X-Gitlab-Token", new String(secret, StandardCharsets.UTF_8));
            case "standard" ->
                standard(body, "id-1", Long.toString(Instant.now().getEpochSecond()));
            default -> kiln(body, Long.toString(Instant.now().getEpochSecond()));
        };
    }

    /// As GitLab does it where its hook has a signing token.
    private static Map<String, String> standard(String body, String id, String timestamp) {
        return standard(STANDARD_SECRET.substring("whsec_".length()), body, id, timestamp);
    }

    private static Map<String, String> standard(String key, String body, String id, String timestamp) {
        byte[] mac = HexFormat.of().parseHex(hmac(Base64.getDecoder().decode(key), id + "." + timestamp + "." + body));
        return Map.of(
                "X-Gitlab-Event",
                "Push Hook",
                "webhook-id",
                id,
                "webhook-timestamp",
                timestamp,
                "webhook-signature",
                "v1," + Base64.getEncoder().encodeToString(mac));
    }

    private static Map<String, String> kiln(String body, String timestamp) {
        byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
        return Map.of(
                "X-Kiln-Timestamp", timestamp, "X-Kiln-Signature", "sha256=" + hmac(secret, timestamp + "." + body));
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        Map<String, String> more = new java.util.HashMap<>(headers);
        more.put(name, value);
        return more;
    }

    private static String hmac(byte[] secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
