package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Finds the credentials for a repository in Docker's `config.json` files and in what their helpers know.
///
/// @see <a href="https://docs.docker.com/reference/cli/docker/login/#description">docker login</a>
final class Credentials {

    private static final String HUB = "docker.io";
    private static final String HUB_KEY = "https://index.docker.io/v1/";

    private final List<Path> files;
    private final CredentialStore helper;
    private final Map<Path, JsonNode> parsed = new ConcurrentHashMap<>();
    private final Map<String, Credential> found = new ConcurrentHashMap<>();

    Credentials(List<Path> files, CredentialStore helper) {
        this.files = files;
        this.helper = helper;
    }

    /// @throws RequestFailure `SecretInvalid` if a file, or what a helper says, is not of the right shape
    Credential find(String host, String repository) throws InterruptedException {
        String key = host + "/" + repository;
        Credential known = found.get(key);
        if (known == null) {
            known = search(host, repository);
            found.put(key, known);
        }
        return known;
    }

    private Credential search(String host, String repository) throws InterruptedException {
        for (Path file : files) {
            Optional<Credential> credential = search(file, host, repository);
            if (credential.isPresent()) {
                return credential.get();
            }
        }
        return new Credential.Anonymous();
    }

    private Optional<Credential> search(Path file, String host, String repository) throws InterruptedException {
        JsonNode config = parsed.computeIfAbsent(file, Credentials::read);
        for (Map.Entry<String, JsonNode> entry : config.path("credHelpers").properties()) {
            if (normal(entry.getKey()).equals(normal(host))) {
                return ask(file, entry.getValue().asText(), entry.getKey());
            }
        }
        Optional<Map.Entry<String, JsonNode>> best = config.path("auths").properties().stream()
                .filter(entry -> covers(normal(entry.getKey()), normal(host), repository))
                .max((a, b) -> Integer.compare(
                        normal(a.getKey()).length(), normal(b.getKey()).length()));
        Optional<Credential> inline = best.flatMap(entry -> inline(file, entry.getKey(), entry.getValue()));
        String store = config.path("credsStore").asText("");
        if (inline.isPresent() || store.isEmpty()) {
            return inline;
        }
        String server = best.map(Map.Entry::getKey).orElse(normal(host).equals(HUB) ? HUB_KEY : host);
        return ask(file, store, server);
    }

    private static JsonNode read(Path file) {
        try {
            JsonNode config = Json.parse(Files.readAllBytes(file));
            JsonNode auths = config.path("auths");
            if (!auths.isMissingNode() && !auths.isNull() && !auths.isObject()) {
                throw wrong(file, "\"auths\" is not an object.");
            }
            return config;
        } catch (NoSuchFileException e) {
            return Json.object();
        } catch (IOException e) {
            throw wrong(file, "it cannot be read (" + e.getClass().getSimpleName() + ").");
        } catch (IllegalArgumentException e) {
            throw wrong(file, "it is not a JSON object.");
        }
    }

    private static Optional<Credential> inline(Path file, String key, JsonNode entry) {
        String identity = entry.path("identitytoken").asText("");
        if (!identity.isEmpty()) {
            return Optional.of(new Credential.IdentityToken(identity));
        }
        String auth = entry.path("auth").asText("").trim();
        if (!auth.isEmpty()) {
            return Optional.of(decode(file, key, auth));
        }
        String user = entry.path("username").asText("");
        String password = entry.path("password").asText("");
        return user.isEmpty() ? Optional.empty() : Optional.of(new Credential.Password(user, password));
    }

    private static Credential decode(Path file, String key, String auth) {
        try {
            String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            if (colon > 0) {
                // Some tools write a terminating NUL into the base64.
                return new Credential.Password(
                        pair.substring(0, colon), pair.substring(colon + 1).replaceAll("\0+$", ""));
            }
        } catch (IllegalArgumentException e) {
            throw wrong(file, "\"auth\" of \"" + key + "\" is not base64.");
        }
        throw wrong(file, "\"auth\" of \"" + key + "\" is not the base64 of user:password.");
    }

    private Optional<Credential> ask(Path file, String name, String server) throws InterruptedException {
        try {
            Optional<byte[]> answer = helper.get(name, server);
            if (answer.isEmpty()) {
                return Optional.empty();
            }
            JsonNode said = Json.parse(answer.get());
            String user = said.path("Username").asText("");
            String secret = said.path("Secret").asText("");
            return Optional.of(
                    user.equals("<token>")
                            ? new Credential.IdentityToken(secret)
                            : new Credential.Password(user, secret));
        } catch (IOException e) {
            throw helpless(file, server, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            throw helpless(file, server, "docker-credential-" + name + " did not answer with JSON");
        }
    }

    private static RequestFailure helpless(Path file, String server, String why) {
        return new RequestFailure(
                Reason.SecretInvalid,
                file.toString(),
                "The credential helper for \"" + server + "\" gave no answer: " + why + ".",
                "Repair the helper, or write the credentials into \"auths\".");
    }

    private static RequestFailure wrong(Path file, String fact) {
        return new RequestFailure(
                Reason.SecretInvalid,
                file.toString(),
                "The file does not hold credentials in Docker's form: " + fact,
                "It has to look like {\"auths\":{\"registry.example.com\":{\"auth\":\"<base64 of user:password>\"}}};"
                        + " \"docker login\" and \"kubectl create secret docker-registry\" write it so.");
    }

    /// A key without scheme and API version, and Docker Hub's many names as one.
    private static String normal(String key) {
        String name = key.replaceFirst("^https?://", "").replaceFirst("/(v[12]/?)?$", "");
        int slash = name.indexOf('/');
        String host = (slash < 0 ? name : name.substring(0, slash)).toLowerCase(Locale.ROOT);
        if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            host = HUB;
        }
        return slash < 0 ? host : host + name.substring(slash);
    }

    /// Whether a key is for the repository: its host, then as much of the path as the key has. A `*` in the host stands
    /// for a part of one label, as in Kubernetes.
    private static boolean covers(String key, String host, String repository) {
        int slash = key.indexOf('/');
        String path = slash < 0 ? "" : key.substring(slash + 1);
        if (!path.isEmpty() && !(repository + "/").startsWith(path + "/")) {
            return false;
        }
        String keyHost = slash < 0 ? key : key.substring(0, slash);
        if (!keyHost.contains("*")) {
            return keyHost.equals(host);
        }
        List<String> parts = new ArrayList<>();
        for (String part : keyHost.split("\\*", -1)) {
            parts.add(java.util.regex.Pattern.quote(part));
        }
        return host.matches(String.join("[^.]*", parts));
    }
}
