package build.kiln.builder.provenance;

import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Something that a build has read, and by which digest it can be known again.
///
/// @param name as the user wrote it; empty where that says no more than the URI
/// @param uri empty where it has none that means anything elsewhere
/// @param digest by algorithm, in hexadecimal form; empty where nobody knows it
/// @see <a href="https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/resource_descriptor.md">in-toto attestation
/// 1.1,
/// ResourceDescriptor</a>
public record Material(String name, String uri, Map<String, String> digest) {

    public Material {
        digest = Map.copyOf(digest);
        if (uri.isEmpty() && digest.isEmpty()) {
            throw new IllegalArgumentException("a material has a URI or a digest");
        }
    }

    /// Something behind a URI.
    ///
    /// @param revision the digest of its content, or a commit; null if nobody knows
    public static Material of(String uri, @Nullable String revision) {
        return new Material("", uri, digests(revision));
    }

    /// An image in a registry.
    ///
    /// @param name as the user wrote it
    public static Material image(String name, ImageReference reference, Digest digest) {
        return new Material(name, packageUrl(reference, digest), digests(digest.toString()));
    }

    /// An image that lies in a folder: its place means nothing elsewhere.
    public static Material localImage(String name, Digest digest) {
        return new Material(name, "", digests(digest.toString()));
    }

    /// Files of a context that means nothing elsewhere.
    ///
    /// @param name of the context
    /// @param dirHash see `docs/provenance.md`
    public static Material files(String name, Digest dirHash) {
        return new Material(name, "", Map.of("dirHash", dirHash.hex()));
    }

    /// A text, for example of a Dockerfile.
    public static Material text(String name, String text) {
        return new Material(
                name,
                "",
                digests(Digest.of(text.getBytes(StandardCharsets.UTF_8)).toString()));
    }

    /// `git+https://host/repository.git@revision`, as SPDX has it. Never with a user or a password.
    ///
    /// @param url of any form that git knows
    /// @param revision empty for the repository's own default
    public static String gitUri(String url, String revision) {
        String whole = url.contains("://") ? url : "ssh://" + url.replaceFirst(":", "/");
        return "git+" + ShownUrl.bare(whole) + (revision.isEmpty() ? "" : "@" + revision);
    }

    /// The package URL of an image, of the type `oci`.
    ///
    /// @see <a href="https://github.com/package-url/purl-spec/blob/v1.0.0/PURL-TYPES.rst#oci">purl-spec, oci</a>
    public static String packageUrl(ImageReference reference, Digest digest) {
        String last = reference.repository().substring(reference.repository().lastIndexOf('/') + 1);
        return "pkg:oci/" + last + "@" + digest.toString().replace(":", "%3A") + "?repository_url=" + reference.name()
                + (reference.tag() == null ? "" : "&tag=" + reference.tag());
    }

    /// @param revision may have a name before the digest, as Flux writes it: `main@sha1:…`
    private static Map<String, String> digests(@Nullable String revision) {
        if (revision == null) {
            return Map.of();
        }
        String text = revision.substring(revision.lastIndexOf('@') + 1);
        int colon = text.indexOf(':');
        String algorithm = colon > 0 ? text.substring(0, colon) : "sha1";
        return Map.of(algorithm.equals("sha1") ? "gitCommit" : algorithm, text.substring(colon + 1));
    }

    ObjectNode write() {
        ObjectNode node = Json.object();
        if (!name.isEmpty()) {
            node.put("name", name);
        }
        if (!uri.isEmpty()) {
            node.put("uri", uri);
        }
        if (!digest.isEmpty()) {
            node.set("digest", Json.of(digest));
        }
        return node;
    }
}
