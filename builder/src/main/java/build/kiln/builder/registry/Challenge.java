package build.kiln.builder.registry;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a registry wants to be told who asks.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate">RFC 9110, WWW-Authenticate</a>
/// @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Docker Registry token
/// authentication</a>
sealed interface Challenge {

    /// User name and password with each request.
    record Basic() implements Challenge {}

    /// A token from the server at `realm`.
    ///
    /// @param scopes what the registry said the request needs; may be empty
    record Bearer(URI realm, String service, List<String> scopes) implements Challenge {}

    /// The registry names no scheme that Kiln knows.
    record Unknown(String text) implements Challenge {}

    Pattern SCHEME = Pattern.compile("\\G[\\s,]*([A-Za-z][A-Za-z0-9_.~+-]*)(?=\\s|,|$)(?!\\s*=)");
    Pattern PARAMETER =
            Pattern.compile("\\G[\\s,]*([A-Za-z0-9_.-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

    /// The best of the challenges in these header values: a token before a password.
    static Challenge parse(List<String> headers) {
        Challenge best = new Unknown(String.join(", ", headers));
        for (String header : headers) {
            for (Map.Entry<String, Map<String, String>> one : split(header)) {
                switch (one.getKey()) {
                    case "bearer" -> {
                        return bearer(one.getValue(), header);
                    }
                    case "basic" -> best = new Basic();
                    default -> {} // another scheme of the wire; the next may be known
                }
            }
        }
        return best;
    }

    private static Challenge bearer(Map<String, String> parameters, String header) {
        String scope = parameters.getOrDefault("scope", "");
        try {
            URI realm = URI.create(parameters.getOrDefault("realm", ""));
            if (realm.getHost() != null && realm.getScheme() != null && realm.getUserInfo() == null) {
                return new Bearer(
                        realm,
                        parameters.getOrDefault("service", ""),
                        scope.isBlank() ? List.of() : List.of(scope.trim().split("\\s+")));
            }
        } catch (IllegalArgumentException e) {
            return new Unknown(header);
        }
        return new Unknown(header);
    }

    private static List<Map.Entry<String, Map<String, String>>> split(String header) {
        List<Map.Entry<String, Map<String, String>>> all = new ArrayList<>();
        Matcher scheme = SCHEME.matcher(header);
        int at = 0;
        while (scheme.find(at)) {
            Map<String, String> parameters = new HashMap<>();
            at = scheme.end();
            Matcher parameter = PARAMETER.matcher(header);
            while (parameter.find(at)) {
                String quoted = parameter.group(2);
                parameters.put(
                        parameter.group(1).toLowerCase(Locale.ROOT),
                        quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
                at = parameter.end();
            }
            all.add(Map.entry(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
        }
        return all;
    }
}
