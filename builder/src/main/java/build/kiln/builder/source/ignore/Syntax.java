package build.kiln.builder.source.ignore;

import build.kiln.builder.source.ignore.PathPattern.BadPattern;

/// The rules that Go's `filepath.Match` has for a pattern's form.
final class Syntax {

    private final String pattern;
    private int next;

    private Syntax(String pattern) {
        this.pattern = pattern;
    }

    static void check(String pattern) throws BadPattern {
        new Syntax(pattern).check();
    }

    private void check() throws BadPattern {
        while (next < pattern.length()) {
            char character = pattern.charAt(next++);
            if (character == '\\') {
                if (next == pattern.length()) {
                    throw new BadPattern("it ends with a backslash");
                }
                next++;
            } else if (character == '[') {
                checkSet();
            }
        }
    }

    private void checkSet() throws BadPattern {
        if (next < pattern.length() && pattern.charAt(next) == '^') {
            next++;
        }
        for (boolean first = true; first || pattern.charAt(next) != ']'; first = false) {
            checkBound();
            if (pattern.charAt(next) == '-') {
                next++;
                checkBound();
            }
        }
        next++;
    }

    /// A character of a set. At least one more has to follow, since the `]` is still to come.
    private void checkBound() throws BadPattern {
        if (next < pattern.length() && "-]".indexOf(pattern.charAt(next)) >= 0) {
            throw new BadPattern("a \"" + pattern.charAt(next)
                    + "\" stands where \"[\" wants a character; write a backslash in front of it");
        }
        if (next < pattern.length() && pattern.charAt(next) == '\\') {
            next++;
        }
        next += next < pattern.length() ? Character.charCount(pattern.codePointAt(next)) : 0;
        if (next >= pattern.length()) {
            throw new BadPattern("a \"[\" has no \"]\"");
        }
    }
}
