package build.kiln.builder.provenance;

import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What was to be built, as the user asked for it.
///
/// @param sourceKind `git`, `archive`, `folder` and so on
/// @param sourceUri where the source is, without user and password; empty where that means nothing elsewhere
/// @param contextDir below the source's root
/// @param dockerfile as the user named it
/// @param target the stage; empty for the last one
/// @param contexts named contexts, as the user wrote them
/// @param secrets the ids of what RUNs can ask for; never a value
/// @param ssh the ids of agents
public record Definition(
        String sourceKind,
        String sourceUri,
        String contextDir,
        String dockerfile,
        String target,
        Map<String, String> buildArgs,
        Map<String, String> labels,
        Map<String, String> contexts,
        List<String> secrets,
        List<String> ssh) {

    /// Arguments that every Dockerfile has and that may hold a password.
    private static final Set<String> PROXIES =
            Set.of("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy");

    public Definition {
        buildArgs = Map.copyOf(buildArgs);
        labels = Map.copyOf(labels);
        contexts = Map.copyOf(contexts);
        secrets = secrets.stream().sorted().toList();
        ssh = ssh.stream().sorted().toList();
    }

    /// `externalParameters`.
    ObjectNode write(Detail detail) {
        ObjectNode node = Json.object();
        ObjectNode source = node.putObject("source");
        source.put("kind", sourceKind);
        if (!sourceUri.isEmpty()) {
            source.put("uri", sourceUri);
        }
        node.put("contextDir", contextDir);
        node.put("dockerfile", dockerfile);
        if (!target.isEmpty()) {
            node.put("target", target);
        }
        if (!contexts.isEmpty()) {
            node.set("contexts", Json.of(shown(contexts)));
        }
        if (detail == Detail.MAX) {
            node.set("buildArgs", Json.of(shown(withoutProxies(buildArgs))));
            node.set("labels", Json.of(labels));
            node.set("secrets", Json.of(secrets));
            node.set("ssh", Json.of(ssh));
        }
        return node;
    }

    private static Map<String, String> withoutProxies(Map<String, String> arguments) {
        Map<String, String> kept = new TreeMap<>(arguments);
        kept.keySet().removeIf(name -> PROXIES.contains(name.toLowerCase(Locale.ROOT)));
        return kept;
    }

    private static Map<String, String> shown(Map<String, String> texts) {
        Map<String, String> all = new TreeMap<>();
        texts.forEach((name, text) -> all.put(name, ShownUrl.inText(text)));
        return all;
    }
}
