package build.kiln.local.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.local.apiserver.object.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiServerTest {

    private static final String KETTLES = "/apis/kitchen.test/v1/namespaces/default/kettles";
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String MERGE = "application/merge-patch+json";
    private static final String APPLY = "application/apply-patch+yaml";

    private final HttpClient client = HttpClient.newHttpClient();
    private ApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = ApiServer.start(
                ApiServer.Settings.ANY_PORT,
                Clock.systemUTC(),
                (query, out) -> out.open().close());
        try (InputStream crd = Objects.requireNonNull(getClass().getResourceAsStream("kettles.yaml"))) {
            server.install(crd.readAllBytes());
        }
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private record Answer(int code, JsonNode body) {

        String at(String pointer) {
            JsonNode node = body.at(pointer);
            return node.isValueNode() ? node.asText() : node.toString();
        }
    }

    private Answer send(String method, String path, String mediaType, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", mediaType)
                .timeout(Duration.ofSeconds(10))
                .build();
        HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), Json.parse(response.body()));
    }

    private Answer get(String path) throws Exception {
        return send("GET", path, "application/json", "");
    }

    private Answer post(String path, String yaml) throws Exception {
        return send("POST", path, "application/yaml", yaml);
    }

    private Answer patch(String path, String mediaType, String body) throws Exception {
        return send("PATCH", path, mediaType, body);
    }

    private Answer newKettle(String name) throws Exception {
        return post(KETTLES, "{metadata: {name: " + name + ", labels: {n: " + name + "}}, spec: {litres: 1}}");
    }

    @Test
    void unknownPathIsNotFound() throws Exception {
        for (String path : new String[] {"/nothing", "/apis/no.such/v1", KETTLES + "/one/scale", "/api/v1/replicas"}) {
            Answer answer = get(path);
            assertThat(answer.code()).as(path).isEqualTo(404);
            assertThat(answer.at("/kind")).isEqualTo("Status");
            assertThat(answer.at("/message")).isEqualTo("the server could not find the requested resource");
        }
    }

    @Test
    void newObjectGetsDefaultsAndASecondOfTheNameIsRefused() throws Exception {
        Answer created = newKettle("one");
        assertThat(created.code()).isEqualTo(201);
        assertThat(created.at("/spec/colour")).isEqualTo("red");
        assertThat(created.at("/metadata/generation")).isEqualTo("1");
        assertThat(created.at("/metadata/uid")).isNotEmpty();
        Answer again = newKettle("one");
        assertThat(again.code()).isEqualTo(409);
        assertThat(again.at("/reason")).isEqualTo("AlreadyExists");
        assertThat(again.at("/message")).isEqualTo("kettles.kitchen.test \"one\" already exists");
    }

    @Test
    void everyWrongFieldIsNamed() throws Exception {
        Answer refused = post(
                KETTLES,
                "{metadata: {name: one}, spec: {maker: acme, colour: green, parts: [{name: a}, {name: a}], labels: {x: 1}}}");
        assertThat(refused.code()).isEqualTo(422);
        assertThat(refused.body().at("/details/causes").findValuesAsText("message"))
                .containsExactlyInAnyOrder(
                        "Required value",
                        "Invalid value: \"acme\": spec.maker in body should match '^[A-Z][a-z]+$'",
                        "Unsupported value: \"green\": supported values: \"red\", \"blue\"",
                        "Duplicate value: {\"name\":\"a\",\"count\":1}",
                        "Invalid value: 1: spec.labels.x in body must be of type string: \"integer\"");
        assertThat(refused.at("/message")).startsWith("Kettle.kitchen.test \"one\" is invalid: [");
    }

    @Test
    void unknownFieldsAreDroppedExceptWhereTheSchemaKeepsThem() throws Exception {
        Answer created = post(
                KETTLES, "{metadata: {name: one}, spec: {litres: 1, lid: true, free: {any: [thing]}, labels: {a: b}}}");
        assertThat(created.at("/spec")).doesNotContain("lid").contains("thing").contains("{\"a\":\"b\"}");
    }

    @Test
    void specAndStatusAreWrittenApart() throws Exception {
        newKettle("one");
        patch(KETTLES + "/one/status", MERGE, "{\"spec\":{\"litres\":9},\"status\":{\"phase\":\"Hot\"}}");
        Answer both = patch(KETTLES + "/one", MERGE, "{\"spec\":{\"litres\":2},\"status\":{\"phase\":\"Cold\"}}");
        assertThat(both.at("/spec/litres")).isEqualTo("2");
        assertThat(both.at("/status/phase")).isEqualTo("Hot");
        assertThat(both.at("/metadata/generation")).isEqualTo("2");
    }

    @Test
    void writeThatChangesNothingKeepsTheVersion() throws Exception {
        Answer created = newKettle("one");
        Answer same = patch(KETTLES + "/one", MERGE, "{\"spec\":{\"litres\":1}}");
        assertThat(same.at("/metadata/resourceVersion")).isEqualTo(created.at("/metadata/resourceVersion"));
        String applied = "{apiVersion: kitchen.test/v1, kind: Kettle, metadata: {name: one}, spec: {litres: 1}}";
        Answer first = patch(KETTLES + "/one?fieldManager=me", APPLY, applied);
        Answer second = patch(KETTLES + "/one?fieldManager=me", APPLY, applied);
        assertThat(second.at("/metadata/resourceVersion")).isEqualTo(first.at("/metadata/resourceVersion"));
    }

    @Test
    void updateOfAnOldVersionIsAConflict() throws Exception {
        Answer created = newKettle("one");
        patch(KETTLES + "/one", MERGE, "{\"spec\":{\"litres\":2}}");
        Answer late =
                send("PUT", KETTLES + "/one", "application/json", created.body().toString());
        assertThat(late.code()).isEqualTo(409);
        assertThat(late.at("/reason")).isEqualTo("Conflict");
        assertThat(late.at("/message")).contains("the object has been modified; please apply your changes");
    }

    @Test
    void appliedConditionsThatAreLeftOutGo() throws Exception {
        newKettle("one");
        String both = "{apiVersion: kitchen.test/v1, kind: Kettle, metadata: {name: one}, status: {phase: Hot,"
                + " conditions: [{type: Ready, status: 'True'}, {type: Reconciling, status: 'True'}]}}";
        patch(KETTLES + "/one/status?fieldManager=cook&force=true", APPLY, both);
        patch(
                KETTLES + "/one/status?fieldManager=other&force=true",
                APPLY,
                both.replace("phase: Hot,", "")
                        .replace("{type: Reconciling, status: 'True'}", "{type: Clean, status: 'True'}"));
        Answer one = patch(
                KETTLES + "/one/status?fieldManager=cook&force=true",
                APPLY,
                both.replace("phase: Hot,", "").replace(", {type: Reconciling, status: 'True'}", ""));
        assertThat(one.body().at("/status/conditions").findValuesAsText("type")).containsExactly("Ready", "Clean");
        assertThat(one.body().at("/status/phase").isMissingNode()).isTrue();
    }

    @Test
    void jsonPatchTestsBeforeItWrites() throws Exception {
        newKettle("one");
        String type = "application/json-patch+json";
        assertThat(patch(KETTLES + "/one", type, "[{\"op\":\"test\",\"path\":\"/spec/litres\",\"value\":5}]")
                        .code())
                .isEqualTo(422);
        Answer done = patch(KETTLES + "/one", type, """
                [{"op":"add","path":"/metadata/annotations","value":{"a/b":"c"}},
                 {"op":"copy","from":"/metadata/annotations/a~1b","path":"/metadata/annotations/d"},
                 {"op":"remove","path":"/metadata/annotations/a~1b"}]""");
        assertThat(done.at("/metadata/annotations")).isEqualTo("{\"d\":\"c\"}");
    }

    @Test
    void strategicPatchMergesContainersByName() throws Exception {
        post(PODS, "{metadata: {name: p}, spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}");
        Answer patched = patch(
                PODS + "/p",
                "application/strategic-merge-patch+json",
                "{\"spec\":{\"containers\":[{\"name\":\"b\",\"image\":\"z\"}]}}");
        assertThat(patched.body().at("/spec/containers").findValuesAsText("image"))
                .containsExactly("x", "z");
        assertThat(patch(PODS + "/p", MERGE, "{\"spec\":{\"restartPolicy\":\"Never\"}}")
                        .at("/message"))
                .contains("pod updates may not change fields other than");
    }

    @Test
    void selectorsNarrowLists() throws Exception {
        newKettle("one");
        newKettle("two");
        assertThat(names(KETTLES + "?fieldSelector=metadata.name%3Dtwo")).isEqualTo("[\"two\"]");
        assertThat(names(KETTLES + "?labelSelector=n%20notin%20(two,three),n,!m"))
                .isEqualTo("[\"one\"]");
        assertThat(names(KETTLES + "?labelSelector=n!%3Done")).isEqualTo("[\"two\"]");
        assertThat(get(KETTLES + "?fieldSelector=spec.litres%3D1").at("/message"))
                .isEqualTo("field label not supported: spec.litres");
        assertThat(get(KETTLES + "?labelSelector=a%20b").code()).isEqualTo(400);
    }

    private String names(String path) throws Exception {
        var names = Json.object().arrayNode();
        get(path).body().path("items").forEach(item -> names.add(item.at("/metadata/name")));
        return names.toString();
    }

    @Test
    void longListsComeInPages() throws Exception {
        for (String name : new String[] {"a", "b", "c"}) {
            newKettle(name);
        }
        Answer first = get(KETTLES + "?limit=2");
        assertThat(first.body().path("items")).hasSize(2);
        assertThat(first.at("/metadata/remainingItemCount")).isEqualTo("1");
        Answer second = get(KETTLES + "?limit=2&continue=" + first.at("/metadata/continue"));
        assertThat(second.at("/items/0/metadata/name")).isEqualTo("c");
        assertThat(second.body().at("/metadata").has("continue")).isFalse();
    }

    @Test
    void watchStartsAfterAVersionAndUnlearnsWhatNoLongerMatches() throws Exception {
        String version = get(KETTLES).at("/metadata/resourceVersion");
        newKettle("one");
        patch(KETTLES + "/one", MERGE, "{\"metadata\":{\"labels\":{\"n\":\"other\"}}}");
        newKettle("two");
        String path =
                KETTLES + "?watch=true&labelSelector=n%20in%20(one,two)&timeoutSeconds=1&resourceVersion=" + version;
        HttpResponse<InputStream> response = client.send(
                HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.lines()
                            .map(line -> Json.parse(line.getBytes(StandardCharsets.UTF_8)))
                            .filter(JsonNode::isObject)
                            .map(event -> event.path("type").asText() + " "
                                    + event.at("/object/metadata/name").asText()))
                    .containsExactly("ADDED one", "DELETED one", "ADDED two");
        }
    }

    @Test
    void watchOfAForgottenVersionIsExpired() throws Exception {
        newKettle("one");
        for (int i = 0; i < 4200; i++) {
            server.resources()
                    .patch(
                            server.resources()
                                    .types()
                                    .find("kitchen.test", "v1", "kettles")
                                    .orElseThrow(),
                            "default",
                            "one",
                            build.kiln.local.apiserver.resource.Part.OBJECT,
                            build.kiln.local.apiserver.patch.Patch.parse(
                                    MERGE, ("{\"spec\":{\"timeout\":\"" + i + "\"}}").getBytes(StandardCharsets.UTF_8)),
                            build.kiln.local.apiserver.resource.WriteOptions.DEFAULT);
        }
        Answer first = get(KETTLES + "?watch=true&timeoutSeconds=1&resourceVersion=2");
        assertThat(first.at("/type")).isEqualTo("ERROR");
        assertThat(first.at("/object/code")).isEqualTo("410");
    }

    @Test
    void ownedObjectsGoWithTheirOwner() throws Exception {
        String uid = newKettle("one").at("/metadata/uid");
        post(
                CONFIG_MAPS,
                "{metadata: {name: owned, ownerReferences: [{apiVersion: kitchen.test/v1, kind: Kettle,"
                        + " name: one, uid: " + uid + "}]}}");
        post(CONFIG_MAPS, "{metadata: {name: free}}");
        assertThat(send("DELETE", KETTLES + "/one", "application/json", "").at("/status"))
                .isEqualTo("Success");
        Awaitility.await().untilAsserted(() -> assertThat(names(CONFIG_MAPS)).isEqualTo("[\"free\"]"));
    }

    @Test
    void orphansStayAndForegroundWaits() throws Exception {
        String uid = newKettle("one").at("/metadata/uid");
        String owned = "{metadata: {name: owned, finalizers: [a/b], ownerReferences: [{apiVersion: kitchen.test/v1,"
                + " kind: Kettle, name: one, blockOwnerDeletion: true, uid: " + uid + "}]}}";
        post(CONFIG_MAPS, owned);
        Answer stays = send("DELETE", KETTLES + "/one?propagationPolicy=Foreground", "application/json", "");
        assertThat(stays.at("/metadata/finalizers")).isEqualTo("[\"foregroundDeletion\"]");
        Awaitility.await()
                .untilAsserted(() -> assertThat(get(CONFIG_MAPS + "/owned").at("/metadata/deletionTimestamp"))
                        .isNotEmpty());
        assertThat(get(KETTLES + "/one").code()).isEqualTo(200);
        patch(CONFIG_MAPS + "/owned", MERGE, "{\"metadata\":{\"finalizers\":null}}");
        Awaitility.await()
                .untilAsserted(() -> assertThat(get(KETTLES + "/one").code()).isEqualTo(404));

        String second = newKettle("two").at("/metadata/uid");
        post(CONFIG_MAPS, owned.replace(uid, second));
        send("DELETE", KETTLES + "/two", "application/json", "{\"propagationPolicy\":\"Orphan\"}");
        assertThat(get(CONFIG_MAPS + "/owned").body().at("/metadata/ownerReferences"))
                .isEmpty();
    }

    @Test
    void podsAreUpsertedOnlyIntoNamespacesThatExist() throws Exception {
        String pod = "{metadata: {name: p}, spec: {containers: [{name: a, image: x}]}}";
        Answer refused = post("/api/v1/namespaces/nowhere/pods", pod);
        assertThat(refused.code()).isEqualTo(404);
        assertThat(refused.at("/message")).isEqualTo("namespaces \"nowhere\" not found");
        assertThat(post(PODS, pod).at("/status/phase")).isEqualTo("Pending");
        assertThat(post(PODS, pod.replace("image: x", "image: x, volumeMounts: [{name: v, mountPath: /v}]"))
                        .at("/message"))
                .isEqualTo("Pod \"p\" is invalid: spec.containers[0].volumeMounts[0].name: Not found: \"v\"");
    }

    @Test
    void secretsTakePlainTextAndKeepValuesOutOfErrors() throws Exception {
        String path = "/api/v1/namespaces/default/secrets";
        assertThat(post(path, "{metadata: {name: s}, stringData: {a: b}}").at("/data/a"))
                .isEqualTo("Yg==");
        Answer refused = post(path, "{metadata: {name: t}, data: {a: 'hunter2!'}}");
        assertThat(refused.at("/message"))
                .isEqualTo(
                        "Secret \"t\" is invalid: data[a]: Invalid value: not base64; put plain text under stringData");
        assertThat(post(path, "{metadata: {name: t}, type: kubernetes.io/dockerconfigjson, data: {}}")
                        .at("/message"))
                .isEqualTo("Secret \"t\" is invalid: data[.dockerconfigjson]: Required value");
    }

    @Test
    void claimsAreBoundAtOnce() throws Exception {
        Answer claim = post(
                "/api/v1/namespaces/default/persistentvolumeclaims",
                "{metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}");
        assertThat(claim.at("/status/phase")).isEqualTo("Bound");
        assertThat(claim.at("/spec/volumeName")).isEqualTo("pvc-" + claim.at("/metadata/uid"));
    }

    @Test
    void removingADefinitionRemovesItsKind() throws Exception {
        newKettle("one");
        send(
                "DELETE",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kettles.kitchen.test",
                "application/json",
                "");
        assertThat(get(KETTLES).code()).isEqualTo(404);
    }

    @Test
    void answersAreAsciiBecauseTheOperatorsClientBreaksOnMore() throws Exception {
        post(CONFIG_MAPS, "{metadata: {name: words}, data: {is: 'Góðan daginn'}}");
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + CONFIG_MAPS + "/words"))
                .build();
        byte[] body =
                client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        assertThat(Json.parse(body).at("/data/is").asText()).isEqualTo("Góðan daginn");
        for (byte each : body) {
            assertThat(each).isPositive();
        }
    }

    @Test
    void webSocketIsAnsweredWithNothingSoThatClientsTakeHttp() throws Exception {
        // java.net.http refuses to send the header itself, as does every client with manners.
        try (var socket = new java.net.Socket("127.0.0.1", server.url().getPort())) {
            socket.getOutputStream()
                    .write(("GET " + KETTLES + "?watch=true HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                    + "Connection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
        }
    }

    @Test
    void aPodIsBoundToANodeOnce() throws Exception {
        post(PODS, "{metadata: {name: one}, spec: {containers: [{name: c, image: i}]}}");
        String binding = "{metadata: {name: one}, target: {kind: Node, name: here}}";

        assertThat(post(PODS + "/one/binding", binding).code()).isEqualTo(201);
        assertThat(get(PODS + "/one").at("/spec/nodeName")).isEqualTo("here");
        Answer again = post(PODS + "/one/binding", binding);
        assertThat(again.code()).isEqualTo(409);
        assertThat(again.at("/message")).contains("pod one is already assigned to node \"here\"");
        assertThat(post(PODS + "/one/binding", "{target: {}}").at("/message"))
                .isEqualTo("the binding of pod one names no node in target.name");
    }
}
