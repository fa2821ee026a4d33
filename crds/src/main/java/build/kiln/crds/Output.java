package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the image goes, and what is said of it.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Output(
        @Required
        @Size(min = 1, max = 1024)
        @ValidationRule(value = Rules.IMAGE_REFERENCE, message = Rules.IMAGE_REFERENCE_MESSAGE)
        @ValidationRule(
                value = "!self.contains('@')",
                message =
                        "the image to push is named by a tag; its digest is only known when it is built. Remove \"@\" and"
                                + " what follows")
        @JsonPropertyDescription("The reference that the image is pushed to. The tag is latest if none is given.")
        String image,

        @Size(max = 32)
        @ValidationRule(value = Rules.TAGS, messageExpression = Rules.TAGS_MESSAGE)
        @JsonPropertyDescription("Further tags in the same repository.")
        List<@Size(max = 128) String> tags,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription(
                "The Secret of type kubernetes.io/dockerconfigjson for pushing the image and for pulling its base images.")
        @Nullable
        String pushSecret,

        @Default("gzip") @JsonPropertyDescription("How the layers are compressed.")
        Compression compression,

        @Size(max = 128)
        @JsonPropertyDescription("Labels for the configuration of the image. They win over those of the Dockerfile.")
        Map<String, @Size(max = 4096) String> labels,

        @Size(max = 128) @JsonPropertyDescription("Annotations for the manifest of the image.")
        Map<String, @Size(max = 4096) String> annotations,

        @Default("false")
        @JsonPropertyDescription(
                "Whether the manifest says itself where the image comes from, by the annotations that the"
                        + " image specification has defined for that: source, revision, base image and time. Then another commit"
                        + " is another digest. Those of annotations win.")
        Boolean predefinedAnnotations,

        @Default("off")
        @JsonPropertyDescription(
                "Whether a statement of how the image came about is kept beside it in the registry: off,"
                        + " min (what was built, from what, by whom and when) or max (also build arguments and instructions).")
        Provenance provenance) {

    public Output {
        tags = Copies.of(tags);
        compression = compression == null ? Compression.GZIP : compression;
        labels = Copies.of(labels);
        annotations = Copies.of(annotations);
        predefinedAnnotations = predefinedAnnotations != null && predefinedAnnotations;
        provenance = provenance == null ? Provenance.OFF : provenance;
    }

    /// How much is said of how the image came about.
    public enum Provenance {
        @JsonProperty("off")
        OFF,
        @JsonProperty("min")
        MIN,
        @JsonProperty("max")
        MAX
    }

    /// How layers are compressed.
    public enum Compression {
        /// Read by every runtime.
        @JsonProperty("gzip")
        GZIP,
        /// Smaller and faster; read by containerd and CRI-O.
        @JsonProperty("zstd")
        ZSTD
    }
}
