package build.kiln.builder.registry;

import build.kiln.builder.failure.RegistryFailure;

/// How a live upload ended.
public sealed interface UploadOutcome {

    /// The registry has the blob, and has confirmed its digest.
    record Stored() implements UploadOutcome {}

    /// The registry does not have it. The bytes that were written are gone, so only the caller can send them again,
    /// with [Registry]'s `push` from a [BlobSource].
    record Broken(RegistryFailure why) implements UploadOutcome {}
}
