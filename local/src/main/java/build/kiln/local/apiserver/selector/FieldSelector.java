package build.kiln.local.apiserver.selector;

import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.type.JsonPath;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A field selector in its text form: `metadata.name=web,status.phase!=Running`.
public final class FieldSelector {

    private static final Pattern TERM = Pattern.compile("([^=!]+)(==|=|!=)(.*)");
    private static final JsonPath NAME = JsonPath.parse(".metadata.name");
    private static final JsonPath NAMESPACE = JsonPath.parse(".metadata.namespace");

    private record Term(String field, JsonPath path, String value, boolean equal) {

        boolean matches(JsonNode object) {
            return path.of(object).asText("").equals(value) == equal;
        }
    }

    private final List<Term> terms;

    private FieldSelector(List<Term> terms) {
        this.terms = List.copyOf(terms);
    }

    /// @throws ApiFailure BadRequest, also for a field that this kind cannot be selected by
    public static FieldSelector parse(String text, ResourceType type) {
        List<Term> terms = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                terms.add(term(part, type));
            }
        }
        return new FieldSelector(terms);
    }

    private static Term term(String part, ResourceType type) {
        Matcher matcher = TERM.matcher(part);
        if (!matcher.matches()) {
            throw ApiFailure.badRequest(
                    "invalid field selector: \"" + part + "\" is neither field=value nor field!=value");
        }
        String field = matcher.group(1).strip();
        JsonPath path = switch (field) {
            case "metadata.name" -> NAME;
            case "metadata.namespace" -> NAMESPACE;
            default -> type.selectable().get(field);
        };
        if (path == null) {
            throw ApiFailure.badRequest("field label not supported: " + field);
        }
        return new Term(field, path, matcher.group(3), !matcher.group(2).equals("!="));
    }

    public boolean matchesEverything() {
        return terms.isEmpty();
    }

    /// @param object as it is stored
    public boolean matches(JsonNode object) {
        return terms.stream().allMatch(term -> term.matches(object));
    }

    /// The name, if the selector leaves only one: kubectl watches single objects so.
    public Optional<String> onlyName() {
        return terms.stream()
                .filter(term -> term.field().equals("metadata.name") && term.equal())
                .map(Term::value)
                .findFirst();
    }
}
