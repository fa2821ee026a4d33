package build.kiln.builder.cache.miss;

import build.kiln.builder.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// The value of a variable in the form in which it may be kept and shown.
///
/// What may be a secret, by its variable's name or by its looks, is only a mark of 16 bits: it tells that a value has
/// changed, and neither what it was nor what it is.
final class ShownValue {

    /// What the form of a value begins with that must not be shown.
    static final String HIDDEN = "\u0000";

    private static final int MOST = 40;

    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?i).*(pass|pwd|secret|token|credential|auth|private|signature).*|(.*[_-])?([a-z]*key)s?([_-].*)?");

    private static final Pattern SECRET_VALUE = Pattern.compile(
            "(?s).*(://[^/\\s]*@|-----BEGIN|\\bgh[a-z]_|github_pat_|glpat-|\\bxox[a-z]-|\\bAKIA|\\beyJ|\\bsk-).*");

    private ShownValue() {}

    static String of(String name, String value) {
        if (SECRET_NAME.matcher(name).matches() || SECRET_VALUE.matcher(value).matches()) {
            return HIDDEN + mark(value, 4);
        }
        return value.length() <= MOST ? value : value.substring(0, MOST) + "…" + HIDDEN + mark(value, 16);
    }

    /// What a person sees of a form that [#of] gave; empty if that must be nothing.
    static String visible(String form) {
        int end = form.indexOf(HIDDEN);
        return end < 0 ? (form.isEmpty() ? "\"\"" : form) : form.substring(0, end);
    }

    static String mark(String value, int digits) {
        return Digest.of(value.getBytes(StandardCharsets.UTF_8)).hex().substring(0, digits);
    }
}
