package build.kiln.operator.progress;

import build.kiln.protocol.BaseImage;
import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.ProgressLine;
import build.kiln.protocol.StepReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a builder has said of its progress so far.
///
/// @param total how many steps there are; 0 while nobody knows
/// @param done the steps that are done, by their number
/// @param working the instructions that are being worked on, by their number
/// @param isPushing all steps are done, and the image is being sent
/// @param leftOut the rungs that are better than `isolation`, and why they are not used
public record Progress(
        int total,
        Map<Integer, StepReport> done,
        Map<Integer, String> working,
        boolean isPushing,
        @Nullable String isolation,
        List<LeftOutRung> leftOut,
        @Nullable String sourceRevision,
        List<BaseImage> baseImages,
        List<String> warnings) {

    public static final Progress NONE =
            new Progress(0, Map.of(), Map.of(), false, null, List.of(), null, List.of(), List.of());

    private static final int MAX_WARNINGS = 20;

    /// No Dockerfile has so many. Who prints more is no builder, and all of it would be kept in memory.
    static final int MAX_STEPS = 2000;

    public Progress {
        done = Collections.unmodifiableSortedMap(new TreeMap<>(done));
        working = Collections.unmodifiableSortedMap(new TreeMap<>(working));
        leftOut = List.copyOf(leftOut);
        baseImages = List.copyOf(baseImages);
        warnings = List.copyOf(warnings);
    }

    /// The progress after one more line.
    Progress after(ProgressLine line) {
        return switch (line) {
            case ProgressLine.Planned planned ->
                new Progress(
                        planned.total(),
                        done,
                        working,
                        isPushing,
                        planned.isolation(),
                        planned.leftOut(),
                        planned.sourceRevision(),
                        planned.baseImages(),
                        warnings);
            case ProgressLine.StepStarted started when !isStep(started.index()) -> this;
            case ProgressLine.StepFinished finished when !isStep(finished.index()) -> this;
            case ProgressLine.StepStarted started ->
                with(started.total(), done, put(working, started.index(), started.instruction()));
            case ProgressLine.StepFinished finished ->
                with(
                        finished.total(),
                        put(done, finished.index(), finished.step()),
                        without(working, finished.index()));
            case ProgressLine.Pushing pushing ->
                new Progress(total, done, Map.of(), true, isolation, leftOut, sourceRevision, baseImages, warnings);
            case ProgressLine.Warned warned ->
                new Progress(
                        total,
                        done,
                        working,
                        isPushing,
                        isolation,
                        leftOut,
                        sourceRevision,
                        baseImages,
                        append(warnings, warned.message()));
            case ProgressLine.Unknown unknown -> this;
        };
    }

    private static boolean isStep(int index) {
        return index > 0 && index <= MAX_STEPS;
    }

    /// The instruction that is being worked on; the earliest if there are several.
    public Optional<String> current() {
        return working.values().stream().findFirst();
    }

    private Progress with(int newTotal, Map<Integer, StepReport> newDone, Map<Integer, String> newWorking) {
        return new Progress(
                newTotal, newDone, newWorking, isPushing, isolation, leftOut, sourceRevision, baseImages, warnings);
    }

    private static <V> Map<Integer, V> put(Map<Integer, V> map, int key, V value) {
        Map<Integer, V> copy = new TreeMap<>(map);
        copy.put(key, value);
        return copy;
    }

    private static <V> Map<Integer, V> without(Map<Integer, V> map, int key) {
        Map<Integer, V> copy = new TreeMap<>(map);
        copy.remove(key);
        return copy;
    }

    private static List<String> append(List<String> list, String text) {
        if (list.size() >= MAX_WARNINGS) {
            return list;
        }
        List<String> copy = new ArrayList<>(list);
        copy.add(text);
        return copy;
    }
}
