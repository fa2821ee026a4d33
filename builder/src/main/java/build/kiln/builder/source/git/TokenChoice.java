package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Chooses among the build's secrets for private repositories.
///
/// @param place that names the repository, for messages
record TokenChoice(GitTokens tokens, String place) {

    /// What this repository's server gets: of several secrets the host's own, and a header before a token.
    ///
    /// @throws RequestFailure `SecretInvalid`
    GitSecret secret(GitAddress address) {
        if (!address.scheme().isHttp()) {
            return new GitSecret.None();
        }
        int port = address.uri().getPort();
        String host = "." + address.uri().getHost() + (port > 0 ? ":" + port : "");
        for (String id :
                new String[] {GitTokens.HEADER + host, GitTokens.TOKEN + host, GitTokens.HEADER, GitTokens.TOKEN}) {
            byte[] value = value(id);
            if (value != null) {
                String text = text(id, value);
                return new GitSecret.Header(id, id.startsWith(GitTokens.TOKEN) ? basic(text) : text);
            }
        }
        return new GitSecret.None();
    }

    private byte @Nullable [] value(String id) {
        try {
            return tokens.read(id);
        } catch (IOException e) {
            throw new RequestFailure(
                    Reason.SecretInvalid,
                    place,
                    "the secret " + id + " cannot be read: " + e.getMessage() + ".",
                    "Give it again.",
                    e);
        }
    }

    private String text(String id, byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw GitSecret.invalid(
                    place,
                    "the secret " + id + (text.isEmpty() ? " is empty." : " is not one line of ASCII."),
                    id.startsWith(GitTokens.TOKEN)
                            ? "Put the token there, and nothing else."
                            : "Put there what is to stand behind \"Authorization:\".");
        }
        return text;
    }

    private static String basic(String token) {
        return "basic "
                + Base64.getEncoder().encodeToString(("x-access-token:" + token).getBytes(StandardCharsets.UTF_8));
    }
}
