package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// How far the RUNs of a build have to be kept apart.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record IsolationSettings(
        @JsonPropertyDescription("The weakest rung that the build may have: userns, nested, chroot or assemble, the"
                + " strongest first. Where the namespace or the node gives less, the build fails before its first step"
                + " and says why. What the operator is set to if it is not given.")
        @Nullable
        Rung minimum) {

    static final IsolationSettings DEFAULT = new IsolationSettings(null);

    /// A rung of the isolation ladder, the strongest first.
    public enum Rung {
        @JsonProperty("userns")
        USERNS,
        @JsonProperty("nested")
        NESTED,
        @JsonProperty("chroot")
        CHROOT,
        @JsonProperty("assemble")
        ASSEMBLE
    }
}
