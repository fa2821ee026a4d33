package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How a step came to its result.
public enum StepOutcome {
    /// This build ran it.
    @JsonProperty("ran")
    RAN,
    /// An earlier build had run it.
    @JsonProperty("cached")
    CACHED,
    /// Another live build ran it while this one waited.
    @JsonProperty("shared")
    SHARED,
    /// An earlier attempt of this build had finished it.
    @JsonProperty("resumed")
    RESUMED
}
