package build.kiln.builder.oci;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a user types to name an image: `[registry/]repository[:tag][@digest]`.
///
/// Short names are completed as Docker does: no registry is `docker.io`, and one path segment there is `library/…`.
///
/// @param registry host, and port where one was given
/// @param repository path within the registry
/// @param tag null where none was given; see [#tagOrLatest]
/// @see <a
/// href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests">distribution-spec
/// 1.1.1, names</a>
public record ImageReference(
        String registry,
        String repository,
        @Nullable String tag,
        @Nullable Digest digest) {

    private static final String DEFAULT_REGISTRY = "docker.io";
    private static final Pattern REGISTRY =
            Pattern.compile("(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9.-]*[a-zA-Z0-9]|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

    /// @throws IllegalArgumentException if the text is not an image reference; says which part is wrong
    public static ImageReference parse(String text) {
        String rest = text;
        Digest digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Digest.parse(rest.substring(at + 1));
            rest = rest.substring(0, at);
        }
        String tag = null;
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
            if (!TAG.matcher(tag).matches()) {
                throw wrong(text, "the tag \"" + tag + "\" has to be 1 to 128 letters, digits, \".\", \"_\" and \"-\"");
            }
        }
        int slash = rest.indexOf('/');
        String first = slash < 0 ? "" : rest.substring(0, slash);
        boolean hasRegistry = first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        String registry = hasRegistry ? first : DEFAULT_REGISTRY;
        String repository = hasRegistry ? rest.substring(slash + 1) : rest;
        if (!REGISTRY.matcher(registry).matches()) {
            throw wrong(text, "\"" + registry + "\" is not the host and port of a registry");
        }
        if (registry.equals("index.docker.io")) {
            registry = DEFAULT_REGISTRY;
        }
        if (registry.equals(DEFAULT_REGISTRY) && !repository.contains("/")) {
            repository = "library/" + repository;
        }
        if (!REPOSITORY.matcher(repository).matches()) {
            throw wrong(
                    text,
                    "the repository \"" + repository
                            + "\" has to be lower-case words of letters and digits, joined by \"/\", \".\", \"_\" or \"-\"");
        }
        if (repository.length() > 255) {
            throw wrong(text, "the repository has " + repository.length() + " characters, 255 are allowed");
        }
        return new ImageReference(registry, repository, tag, digest);
    }

    /// The tag that the registry is asked for when there is no digest.
    public String tagOrLatest() {
        return tag == null ? "latest" : tag;
    }

    public ImageReference withDigest(Digest exact) {
        return new ImageReference(registry, repository, tag, exact);
    }

    public ImageReference withTag(String other) {
        return new ImageReference(registry, repository, other, null);
    }

    /// `registry/repository`, without tag and digest.
    public String name() {
        return registry + "/" + repository;
    }

    @Override
    public String toString() {
        return name() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is not an image reference: " + why);
    }
}
