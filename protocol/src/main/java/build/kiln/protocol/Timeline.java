package build.kiln.protocol;

import org.jspecify.annotations.Nullable;

/// When an attempt came how far, by the builder's clock. What it did not come to is null.
///
/// @param startedAt when the builder began, in milliseconds since 1970
/// @param sourceMillis from there until the source was obtained
/// @param plannedMillis until the plan was made
/// @param pushingMillis until all steps were done, and only what the registry lacked was still to send
/// @param endMillis until the end
public record Timeline(
        long startedAt,
        @Nullable Long sourceMillis,
        @Nullable Long plannedMillis,
        @Nullable Long pushingMillis,
        long endMillis) {}
