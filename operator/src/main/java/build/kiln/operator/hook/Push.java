package build.kiln.operator.hook;

import build.kiln.crds.GitSource;
import build.kiln.crds.Source;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a git server says of what was pushed.
///
/// @param ref `refs/heads/main`; empty if it does not say
/// @param commit that the ref leads to now; empty if it does not say, or if the ref is gone
/// @param isDeleted the ref is gone
/// @param defaultBranch of the repository; empty if it does not say
record Push(String ref, String commit, boolean isDeleted, String defaultBranch) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PUSHES = List.of("push", "Push Hook", "Tag Push Hook");

    /// The event's name as the server has it; empty for a request of nobody in particular.
    static String event(Headers headers) {
        return Stream.of("X-GitHub-Event", "X-Gitea-Event", "X-Gitlab-Event")
                .map(headers::getFirst)
                .filter(event -> event != null)
                .findFirst()
                .orElse("");
    }

    static boolean isPush(String event) {
        return event.isEmpty() || PUSHES.contains(event);
    }

    /// @throws IOException if it is no JSON object
    static Push parse(byte[] body) throws IOException {
        if (body.length == 0) {
            return new Push("", "", false, "");
        }
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            // What it says of the place holds pieces of the body.
            throw new IOException("it is not JSON");
        }
        if (!json.isObject()) {
            throw new IOException("it is no JSON object");
        }
        String after = json.path("after").asText("");
        boolean isDeleted = json.path("deleted").asBoolean() || after.matches("0{40,64}");
        return new Push(
                json.path("ref").asText(""),
                after.matches("[0-9a-f]{40,64}") && !isDeleted ? after : "",
                isDeleted,
                json.at("/repository/default_branch")
                        .asText(json.at("/project/default_branch").asText("")));
    }

    /// Why the push is nothing to a build of this source; empty if it is.
    Optional<String> whyNot(Source source) {
        if (isDeleted) {
            return Optional.of("The branch or tag is gone.");
        }
        GitSource git = source.git();
        if (git == null || ref.isEmpty()) {
            return Optional.empty();
        }
        String revision = git.revision();
        if (revision != null && revision.matches("[0-9a-f]{40}|[0-9a-f]{64}")) {
            return Optional.of("spec.source.git.revision is a commit, which does not move.");
        }
        return concerns(revision) ? Optional.empty() : Optional.of("It is not of what spec.source.git.revision names.");
    }

    private boolean concerns(@Nullable String revision) {
        if (revision == null) {
            return defaultBranch.isEmpty() || ref.equals("refs/heads/" + defaultBranch);
        }
        return ref.equals(revision) || ref.equals("refs/heads/" + revision) || ref.equals("refs/tags/" + revision);
    }
}
