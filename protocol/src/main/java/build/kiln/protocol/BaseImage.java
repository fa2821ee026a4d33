package build.kiln.protocol;

/// An image that the build started from or copied files of.
///
/// @param name as the Dockerfile names it
/// @param digest what the name led to at the time of the build
public record BaseImage(String name, String digest) {
    public BaseImage {
        Wire.required(name, "name");
        Wire.required(digest, "digest");
    }
}
