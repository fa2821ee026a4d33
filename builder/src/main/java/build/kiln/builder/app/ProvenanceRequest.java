package build.kiln.builder.app;

import build.kiln.builder.provenance.Detail;

/// That a provenance is wanted.
///
/// @param builderId who says that it has built the image: a URI
/// @param invocationId of this run; empty if it has none
record ProvenanceRequest(Detail detail, String builderId, String invocationId) {}
