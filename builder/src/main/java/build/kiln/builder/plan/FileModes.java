package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.parser.Origin;
import java.util.regex.Pattern;

/// The value of `--chmod`: octal digits, or changes as chmod(1) takes them.
final class FileModes {

    private static final Pattern OCTAL = Pattern.compile("[0-7]+");
    private static final String OPERATION = "[-+=](?:[rwxXst]+|[ugo])?";
    private static final String CLAUSE = "[ugoa]*(?:" + OPERATION + ")+";
    private static final Pattern SYMBOLIC = Pattern.compile(CLAUSE + "(?:," + CLAUSE + ")*");

    private FileModes() {}

    static void check(Origin origin, String mode) {
        boolean octal = OCTAL.matcher(mode).matches();
        String digits = mode.replaceFirst("^0+", "");
        if (octal && digits.length() <= 4) {
            return;
        }
        if (!octal && SYMBOLIC.matcher(mode).matches()) {
            return;
        }
        throw origin.failure(
                "--chmod has the mode \"" + mode + "\", which is neither octal from 0 to 07777 nor a change of modes.",
                "Write it like 0755, or like u=rwX,go=rX.");
    }
}
