package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// Where the build context comes from; exactly one component is present.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value =
                "[has(self.git), has(self.archive), has(self.inline), has(self.configMap), has(self.volume), has(self.image), has(self.flux)].filter(x, x).size() == 1",
        messageExpression =
                "'exactly one of git, archive, inline, configMap, volume, image and flux must be given; given:'"
                        + " + (has(self.git) ? ' git' : '') + (has(self.archive) ? ' archive' : '')"
                        + " + (has(self.inline) ? ' inline' : '') + (has(self.configMap) ? ' configMap' : '')"
                        + " + (has(self.volume) ? ' volume' : '') + (has(self.image) ? ' image' : '')"
                        + " + (has(self.flux) ? ' flux' : '')"
                        + " + ([has(self.git), has(self.archive), has(self.inline), has(self.configMap), has(self.volume),"
                        + " has(self.image), has(self.flux)].exists(x, x) ? '' : ' none')")
public record Source(
        @JsonPropertyDescription("A git repository.") @Nullable
        GitSource git,

        @JsonPropertyDescription("A tar archive, plain or compressed, that is downloaded.") @Nullable
        ArchiveSource archive,

        @JsonPropertyDescription("Files that stand in this resource itself.") @Nullable
        InlineSource inline,

        @JsonPropertyDescription("The keys of a ConfigMap in the same namespace, as files.") @Nullable
        ConfigMapSource configMap,

        @JsonPropertyDescription("A folder on a PersistentVolumeClaim in the same namespace.") @Nullable
        VolumeSource volume,

        @JsonPropertyDescription("The files of an image in a registry.") @Nullable
        ImageSource image,

        @JsonPropertyDescription("The artifact of a Flux source in the same namespace.") @Nullable
        FluxSource flux) {}
