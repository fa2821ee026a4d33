package build.kiln.local.apiserver.selector;

import build.kiln.local.apiserver.status.ApiFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A label selector in its text form: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
public final class LabelSelector {

    private static final String KEY = "[A-Za-z0-9][-A-Za-z0-9_./]*";
    private static final Pattern IN = Pattern.compile("\\s*(" + KEY + ")\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*");
    private static final Pattern EQUALITY = Pattern.compile("\\s*(" + KEY + ")\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)\\s*");
    private static final Pattern PRESENCE = Pattern.compile("\\s*(!?)\\s*(" + KEY + ")\\s*");
    private static final Pattern COMMA_OUTSIDE_PARENTHESES = Pattern.compile(",(?![^(]*\\))");

    private final List<Predicate<Map<String, String>>> requirements;

    private LabelSelector(List<Predicate<Map<String, String>>> requirements) {
        this.requirements = List.copyOf(requirements);
    }

    /// @throws ApiFailure BadRequest
    public static LabelSelector parse(String text) {
        List<Predicate<Map<String, String>>> requirements = new ArrayList<>();
        for (String part : COMMA_OUTSIDE_PARENTHESES.splitAsStream(text).toList()) {
            if (!part.isBlank()) {
                requirements.add(requirement(part));
            }
        }
        return new LabelSelector(requirements);
    }

    public boolean matchesEverything() {
        return requirements.isEmpty();
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(each -> each.test(labels));
    }

    private static Predicate<Map<String, String>> requirement(String part) {
        Matcher in = IN.matcher(part);
        if (in.matches()) {
            String key = in.group(1);
            Set<String> values =
                    Arrays.stream(in.group(3).split(",", -1)).map(String::strip).collect(Collectors.toSet());
            Predicate<Map<String, String>> isIn = labels -> labels.containsKey(key) && values.contains(labels.get(key));
            return in.group(2).equals("in") ? isIn : isIn.negate();
        }
        Matcher equality = EQUALITY.matcher(part);
        if (equality.matches()) {
            String key = equality.group(1);
            String value = equality.group(3);
            Predicate<Map<String, String>> equal = labels -> value.equals(labels.get(key));
            return equality.group(2).equals("!=") ? equal.negate() : equal;
        }
        Matcher presence = PRESENCE.matcher(part);
        if (presence.matches()) {
            String key = presence.group(2);
            boolean wanted = presence.group(1).isEmpty();
            return labels -> labels.containsKey(key) == wanted;
        }
        throw ApiFailure.badRequest("unable to parse requirement: \"" + part + "\" is none of: key=value, key!=value, "
                + "key in (a,b), key notin (a,b), key, !key");
    }
}
