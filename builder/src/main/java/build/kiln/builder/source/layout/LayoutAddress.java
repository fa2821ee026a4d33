package build.kiln.builder.source.layout;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Digest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An image in a layout folder, as the command line names it: `FOLDER`, `FOLDER:TAG` or `FOLDER@sha256:…`.
///
/// @param tag null if none is named
/// @param digest null if none is named; it counts more than a tag
public record LayoutAddress(
        Path folder, @Nullable String tag, @Nullable Digest digest) {

    /// What stands before the address.
    public static final String SCHEME = "oci-layout://";

    /// @param text without `oci-layout://`
    /// @param place what the user wrote it in, for messages
    /// @throws RequestFailure `RequestInvalid`
    public static LayoutAddress parse(String text, String place) {
        int at = text.indexOf('@', text.lastIndexOf('/') + 1);
        String named = at < 0 ? text : text.substring(0, at);
        int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
        String folder = colon < 0 ? named : named.substring(0, colon);
        try {
            if (folder.isEmpty() || colon == named.length() - 1) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" names no " + (folder.isEmpty() ? "folder" : "tag"));
            }
            return new LayoutAddress(
                    Path.of(folder),
                    colon < 0 ? null : named.substring(colon + 1),
                    at < 0 ? null : Digest.parse(text.substring(at + 1)));
        } catch (InvalidPathException e) {
            throw invalid("\"" + folder + "\" is no path", place);
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()), place);
        }
    }

    private static RequestFailure invalid(String fact, String place) {
        return new RequestFailure(
                Reason.RequestInvalid,
                place,
                fact + ".",
                "Write it as oci-layout://FOLDER, oci-layout://FOLDER:TAG or oci-layout://FOLDER@sha256:DIGEST.");
    }

    @Override
    public String toString() {
        return SCHEME + folder + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
}
