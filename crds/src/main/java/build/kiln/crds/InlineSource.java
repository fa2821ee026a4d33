package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/// Files in the resource itself. All of them together have to fit into an annotation of the pod, some 200 KiB.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record InlineSource(
        @Required
        @Size(min = 1, max = 256)
        @ValidationRule(
                value = "self.all(path, " + FILE + ")",
                messageExpression =
                        "'\"' + self.filter(path, !(" + FILE + "))[0] + '\" is not the path of a file below the"
                                + " root; write it without \"/\" at its ends and without \".\" and \"..\", for example src/main.c'")
        @JsonPropertyDescription("The content of the files, by their path.")
        Map<String, @Size(max = 262144) String> files) {

    private static final String FILE =
            "path != '' && !path.startsWith('/') && !path.endsWith('/')" + " && !path.matches(r'(^|/)\\.\\.?(/|$)')";

    public InlineSource {
        files = Copies.of(files);
    }
}
