package build.kiln.builder.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `--chmod` does to a mode: `0755`, or as chmod(1) has it: `u=rwX,go=rX`.
final class Chmod {

    private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][rwxXst]*)+)");
    private static final Pattern ACTION = Pattern.compile("([-+=])([rwxXst]*)");
    private static final int SETUID = 04000;
    private static final int SETGID = 02000;
    private static final int STICKY = 01000;

    private interface Change {
        int apply(int mode, Kind kind);
    }

    /// What the mode belongs to: `X` is for directories and for files that somebody may already execute.
    enum Kind {
        DIRECTORY,
        FILE
    }

    private final List<Change> changes;

    private Chmod(List<Change> changes) {
        this.changes = changes;
    }

    /// @throws IllegalArgumentException if the text is neither octal nor symbolic
    static Chmod parse(String text) {
        if (text.matches("[0-7]{1,5}")) {
            int octal = Integer.parseInt(text, 8) & 07777;
            return new Chmod(List.of((_, _) -> octal));
        }
        List<Change> changes = new ArrayList<>();
        for (String clause : text.split(",", -1)) {
            Matcher form = CLAUSE.matcher(clause);
            if (!form.matches()) {
                throw new IllegalArgumentException("\"" + text + "\" is neither an octal mode such as 0755 nor a"
                        + " symbolic one such as u=rwX,go=rX");
            }
            String who = form.group(1).isEmpty() ? "a" : form.group(1);
            Matcher action = ACTION.matcher(form.group(2));
            while (action.find()) {
                changes.add(change(who, action.group(1).charAt(0), action.group(2)));
            }
        }
        return new Chmod(changes);
    }

    int apply(int mode, Kind kind) {
        int result = mode & 07777;
        for (Change change : changes) {
            result = change.apply(result, kind);
        }
        return result;
    }

    private static Change change(String who, char operator, String what) {
        int mask = mask(who);
        return (mode, kind) -> {
            int bits = bits(who, what, mode, kind);
            return switch (operator) {
                case '+' -> mode | bits;
                case '-' -> mode & ~bits;
                default -> mode & ~mask | bits;
            };
        };
    }

    private static int mask(String who) {
        int mask = 0;
        if (has(who, 'u')) {
            mask |= 0700 | SETUID;
        }
        if (has(who, 'g')) {
            mask |= 0070 | SETGID;
        }
        if (has(who, 'o')) {
            mask |= 0007;
        }
        return who.indexOf('a') >= 0 ? mask | STICKY : mask;
    }

    private static int bits(String who, String what, int mode, Kind kind) {
        int bits = 0;
        for (char letter : what.toCharArray()) {
            bits |= switch (letter) {
                case 'r' -> forWho(who, 4);
                case 'w' -> forWho(who, 2);
                case 'x' -> forWho(who, 1);
                case 'X' -> kind == Kind.DIRECTORY || (mode & 0111) != 0 ? forWho(who, 1) : 0;
                case 's' -> (has(who, 'u') ? SETUID : 0) | (has(who, 'g') ? SETGID : 0);
                default -> STICKY;
            };
        }
        return bits;
    }

    private static int forWho(String who, int permission) {
        return (has(who, 'u') ? permission << 6 : 0)
                | (has(who, 'g') ? permission << 3 : 0)
                | (has(who, 'o') ? permission : 0);
    }

    private static boolean has(String who, char one) {
        return who.indexOf(one) >= 0 || who.indexOf('a') >= 0;
    }
}
