package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/// With whom a build shares what it has built.
@ValidationRule(
        value = "!has(self.readOnly) || !self.readOnly || !has(self.scope) || self.scope == 'namespace'",
        messageExpression = "'readOnly: true goes with scope: namespace. With scope: ' + self.scope"
                + " + ' nothing is shared in any case: remove readOnly'")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CacheSettings(
        @Default("namespace")
        @JsonPropertyDescription(
                "Who shares the results of the steps: all builds of the namespace, only this ImageBuild, or nobody (every step is run).")
        Scope scope,

        @Default("false")
        @JsonPropertyDescription(
                "Whether the build only reads what the namespace shares, and leaves what it makes itself to its own later attempts: for builds whose input is not trusted, such as those of pull requests.")
        Boolean readOnly,

        @JsonProperty("import")
        @Size(max = 8)
        @ValidationRule(value = Rules.IMAGE_REFERENCES, messageExpression = Rules.IMAGE_REFERENCES_MESSAGE)
        @JsonPropertyDescription(
                "References of caches in a registry, or of images with a cache in them, that are asked for what the cache volume does not have. Whoever may write to them decides what this build takes for the result of a step.")
        List<@Size(max = 1024) String> imports,

        @JsonProperty("export")
        @Size(max = 8)
        @JsonPropertyDescription(
                "Caches in a registry that are written after the image is pushed. One that cannot be written is a warning.")
        List<CacheExport> exports) {

    static final CacheSettings DEFAULT = new CacheSettings(Scope.NAMESPACE, false, List.of(), List.of());

    public CacheSettings {
        scope = scope == null ? Scope.NAMESPACE : scope;
        readOnly = readOnly != null && readOnly;
        imports = Copies.of(imports);
        exports = Copies.of(exports);
    }

    /// Who shares.
    public enum Scope {
        @JsonProperty("namespace")
        NAMESPACE,
        @JsonProperty("build")
        BUILD,
        @JsonProperty("none")
        NONE
    }
}
