package build.kiln.builder.cache.miss;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds each instruction of a stage among those of the last build, whatever was put in, taken out or changed between.
///
/// Instructions that are written alike belong together, as many of them as possible in their order. What is left
/// between two such pairs belongs together in its order, if the keyword is the same: these were changed.
public final class SameInstructions {

    /// An instruction of now.
    ///
    /// @param keyword `RUN`
    /// @param written its first line
    public record Written(String keyword, String written) {}

    private SameInstructions() {}

    /// @return as long as `now`: where the instruction was, or nothing if it is new
    public static List<Optional<StepFacts>> of(List<StepFacts> before, List<Written> now) {
        int[][] longest = new int[before.size() + 1][now.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = now.size() - 1; j >= 0; j--) {
                longest[i][j] = isSame(before.get(i), now.get(j))
                        ? 1 + longest[i + 1][j + 1]
                        : Math.max(longest[i + 1][j], longest[i][j + 1]);
            }
        }
        List<Optional<StepFacts>> found = new ArrayList<>();
        List<StepFacts> gap = new ArrayList<>();
        int i = 0;
        int gapStart = 0;
        for (int j = 0; j < now.size(); ) {
            if (i < before.size() && isSame(before.get(i), now.get(j)) && longest[i][j] == 1 + longest[i + 1][j + 1]) {
                changed(gap, now, found, gapStart);
                gap.clear();
                found.add(Optional.of(before.get(i++)));
                gapStart = ++j;
            } else if (i < before.size() && longest[i + 1][j] >= longest[i][j + 1]) {
                gap.add(before.get(i++));
            } else {
                found.add(Optional.empty());
                j++;
            }
        }
        gap.addAll(before.subList(i, before.size()));
        changed(gap, now, found, gapStart);
        return found;
    }

    private static void changed(List<StepFacts> gap, List<Written> now, List<Optional<StepFacts>> found, int start) {
        for (int j = start; j < found.size(); j++) {
            String keyword = now.get(j).keyword();
            Optional<StepFacts> first =
                    gap.stream().filter(one -> one.keyword().equals(keyword)).findFirst();
            if (first.isPresent()) {
                gap.subList(0, gap.indexOf(first.get()) + 1).clear();
                found.set(j, first);
            }
        }
    }

    private static boolean isSame(StepFacts before, Written now) {
        return before.written().equals(now.written()) && before.keyword().equals(now.keyword());
    }
}
