package build.kiln.builder.plan;

import build.kiln.builder.oci.Platform;

/// Where the planner asks for the images that a Dockerfile names.
public interface BaseImages {

    /// The image for this platform, manifest and config only; no layer is fetched.
    ///
    /// @param name an image reference, or `oci-layout://` and the folder that a named context gives
    /// @param place where the Dockerfile names it, for example `Dockerfile:3`, for the failure's message
    /// @throws build.kiln.builder.failure.BuildFailure if it does not exist or cannot be read
    BaseImage resolve(String name, Platform platform, String place);
}
