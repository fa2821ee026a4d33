package build.kiln.operator.flux;

import build.kiln.protocol.BuildRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/// What a source object of Flux has for a build.
public sealed interface Sight {

    /// An artifact. It may be an older one, if Flux cannot fetch a newer one.
    record Ready(BuildRequest.Source.Flux artifact) implements Sight {}

    /// None yet; Flux goes on by itself.
    ///
    /// @param message a whole sentence, with Flux's own words
    record NotReady(String message) implements Sight {}

    /// There is no such object, or nobody may look for it.
    ///
    /// @param message whole sentences: what to do
    record Missing(String message) implements Sight {}

    /// What a Flux object says in its status.
    ///
    /// @see <a href="https://fluxcd.io/flux/components/source/gitrepositories/#artifact">Flux, Artifact</a>
    static Sight of(FluxObject object, JsonNode whole) {
        JsonNode artifact = whole.at("/status/artifact");
        String url = artifact.path("url").asText();
        String digest = artifact.path("digest").asText();
        String revision = artifact.path("revision").asText();
        if (url.isEmpty() || digest.isEmpty() || revision.isEmpty()) {
            return new NotReady("%s has no artifact yet%s.".formatted(object, words(whole)));
        }
        if (!Wellformed.URL.matcher(url).matches()
                || !Wellformed.DIGEST.matcher(digest).matches()) {
            return new NotReady("%s has an artifact that cannot be fetched: its URL is \"%s\" and its digest \"%s\"."
                    .formatted(object, url, digest));
        }
        return new Ready(new BuildRequest.Source.Flux(object.toString(), url, digest, revision));
    }

    private static String words(JsonNode whole) {
        return StreamSupport.stream(whole.at("/status/conditions").spliterator(), false)
                .filter(c -> c.path("type").asText().equals("Ready"))
                .map(c -> c.path("message").asText(""))
                .filter(message -> !message.isBlank())
                .findFirst()
                .map(message -> ": " + Objects.requireNonNull(message).strip().replaceFirst("\\.$", ""))
                .orElse("");
    }

    /// The forms that an artifact has.
    final class Wellformed {
        private static final Pattern URL = Pattern.compile("https?://[^/@\\s]+/\\S+");
        private static final Pattern DIGEST = Pattern.compile("[a-z0-9]+:[a-f0-9]{32,128}");

        private Wellformed() {}
    }
}
