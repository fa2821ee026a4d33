package build.kiln.builder.cache.miss;

import build.kiln.builder.source.FileMarks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/// Why the cache did not have a step: the difference between what the step was made from the last time and now.
///
/// What changed in the step itself comes before what changed below it. It looks at nothing but its arguments.
public final class MissReason {

    public static final String NO_CACHE = "--no-cache";
    public static final String NEW = "the instruction is new";
    private static final String INTERRUPTED = "it did not come to its end the last time";
    private static final String RECORD_GONE = "its record is gone from the volume";

    /// The report has room for 200 characters.
    private static final int MOST = 190;

    private static final int REASONS = 3;
    private static final int INSTRUCTION = 60;
    private static final int DIGEST = 12;

    private MissReason() {}

    /// @param before of the same instruction in the last build
    /// @param steps the instructions of the stage as they are shown now, in their order
    /// @param variables the names of the variables that the image keeps; the others are build arguments
    public static String of(StepFacts before, StepFacts now, List<String> steps, List<String> variables) {
        List<String> reasons = new ArrayList<>();
        command(before, now, reasons);
        variables(before, now, variables, reasons);
        settings(before, now, reasons);
        inputs(before, now, reasons);
        if (!before.epoch().equals(now.epoch())) {
            reasons.add("SOURCE_DATE_EPOCH was " + orUnset(before.epoch()) + ", is " + orUnset(now.epoch()));
        }
        below(before, now, steps, reasons);
        if (reasons.isEmpty()) {
            return before.state() == StepFacts.State.FINISHED ? RECORD_GONE : INTERRUPTED;
        }
        int rest = reasons.size() - REASONS;
        String all = String.join("; ", reasons.subList(0, Math.min(REASONS, reasons.size())));
        return cut(rest > 0 ? all + "; and " + rest + " more" : all, MOST);
    }

    private static void command(StepFacts before, StepFacts now, List<String> reasons) {
        if (differs("args", before, now) || differs("stdin", before, now)) {
            reasons.add("the command changed");
        }
        if (differs("sources", before, now)) {
            reasons.add("the instruction was " + cut(before.instruction(), INSTRUCTION));
        }
    }

    private static void variables(StepFacts before, StepFacts now, List<String> kept, List<String> reasons) {
        for (String name : names(before.does(), now.does())) {
            if (name.startsWith("env ") && differs(name, before, now)) {
                String variable = name.substring("env ".length());
                reasons.add(changed(
                        (kept.contains(variable) ? "ENV " : "ARG ") + variable, name, before.does(), now.does()));
            }
        }
    }

    private static void settings(StepFacts before, StepFacts now, List<String> reasons) {
        for (String name : names(before.does(), now.does())) {
            boolean elsewhere = name.startsWith("env ")
                    || List.of("args", "stdin", "sources").contains(name);
            if (!elsewhere && differs(name, before, now)) {
                String shown = switch (name) {
                    case "cwd", "path" -> "workdir";
                    case "mounts", "excludes", "devices" -> "the " + name;
                    default -> name;
                };
                reasons.add(changed(shown, name, before.does(), now.does()));
            }
        }
    }

    /// `ARG VERSION was 1.1, is 1.2`, or only that it changed where a value must not be shown.
    private static String changed(
            String shown, String name, SortedMap<String, String> before, SortedMap<String, String> now) {
        String was = before.get(name);
        String is = now.get(name);
        if (was == null || is == null) {
            return shown + (was == null ? " is new" : " is gone");
        }
        String wasShown = ShownValue.visible(was);
        String isShown = ShownValue.visible(is);
        return wasShown.isEmpty() || isShown.isEmpty() || wasShown.equals(isShown)
                ? shown + " changed"
                : shown + " was " + wasShown + ", is " + isShown;
    }

    private static void inputs(StepFacts before, StepFacts now, List<String> reasons) {
        for (String name : names(before.inputs(), now.inputs())) {
            String was = before.inputs().get(name);
            String is = now.inputs().get(name);
            boolean isFlag = name.startsWith("--");
            if (was == null || is == null || was.equals(is)) {
                if (isFlag && !Objects.equals(was, is)) {
                    reasons.add(name + (was == null ? " is new" : " is gone"));
                }
                continue; // Another list of sources is another command.
            }
            FileMarks filesBefore = before.files().get(name);
            FileMarks filesNow = now.files().get(name);
            String files = filesBefore == null || filesNow == null ? "" : FileChanges.between(filesBefore, filesNow);
            reasons.add(files.isEmpty() ? name.replaceFirst("^/(?=.)", "") + " changed" : files);
        }
    }

    private static void below(StepFacts before, StepFacts now, List<String> steps, List<String> reasons) {
        StepFacts.Start was = before.start();
        StepFacts.Start is = now.start();
        if (before.below().equals(now.below())) {
            return;
        }
        if (!was.name().equals(is.name())) {
            reasons.add("the stage started from " + was.name() + ", starts from " + is.name());
            return;
        }
        int same = 0;
        while (same < Math.min(before.below().size(), now.below().size())
                && before.below().get(same).equals(now.below().get(same))) {
            same++;
        }
        if (same < Math.max(was.layers(), is.layers())) {
            reasons.add(
                    is.digest().isEmpty()
                            ? is.name() + ", which it starts from, changed"
                            : "base image " + is.name() + " moved from " + shortened(was.digest()) + " to "
                                    + shortened(is.digest()));
            return;
        }
        int step = same - is.layers();
        reasons.add(
                same == now.below().size() || step >= steps.size()
                        ? "a step before it is gone"
                        : "the step before it changed (" + cut(steps.get(step), INSTRUCTION) + ")");
    }

    private static String shortened(String digest) {
        int end = digest.indexOf(':') + 1 + DIGEST;
        return digest.length() <= end ? digest : digest.substring(0, end) + "…";
    }

    private static boolean differs(String name, StepFacts before, StepFacts now) {
        String was = before.does().get(name);
        String is = now.does().get(name);
        return was == null ? is != null : !was.equals(is);
    }

    private static SortedSet<String> names(SortedMap<String, String> before, SortedMap<String, String> now) {
        SortedSet<String> all = new TreeSet<>(before.keySet());
        all.addAll(now.keySet());
        return all;
    }

    private static String orUnset(String value) {
        return value.isEmpty() ? "not set" : value;
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
