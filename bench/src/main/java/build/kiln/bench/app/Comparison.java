package build.kiln.bench.app;

import build.kiln.bench.image.StoredImage;
import build.kiln.bench.outcome.Outcome;
import build.kiln.bench.outcome.Scenario;
import build.kiln.bench.workload.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Holds the images of all builders against each other.
final class Comparison {

    private static final int SHOWN = 5;
    private static final int SHOWN_LENGTH = 400;
    private static final String KILN = "kiln";
    private static final String REFERENCE = "buildkit";

    private final Workload workload;
    private final Scenario scenario;
    private final Outcome outcome;
    private final Map<String, List<StoredImage>> images = new LinkedHashMap<>();

    Comparison(Workload workload, Scenario scenario, Outcome outcome) {
        this.workload = workload;
        this.scenario = scenario;
        this.outcome = outcome;
    }

    void add(String contender, List<StoredImage> built) {
        images.put(contender, built);
        for (String path : workload.variesIn()) {
            long times = built.stream()
                    .map(image -> image.tree().entries().get(path))
                    .distinct()
                    .count();
            if (times != 1) {
                report(
                        contender,
                        contender + " ran the shared step of /" + path + " " + times + " times for " + built.size()
                                + " builds");
            }
        }
    }

    /// What differs from BuildKit's image is a problem of Kiln's, and a remark about others.
    void finish() {
        @Nullable List<StoredImage> reference = images.get(REFERENCE);
        if (reference == null) {
            return;
        }
        images.forEach((contender, built) -> {
            for (int i = 0; i < built.size(); i++) {
                List<String> differences =
                        built.get(i).tree().differences(reference.get(i).tree(), workload.variesIn());
                if (!differences.isEmpty()) {
                    String shown = differences.stream().limit(SHOWN).collect(Collectors.joining("; "));
                    report(
                            contender,
                            workload + " " + scenario.label() + ": " + contender + "'s image differs from "
                                    + REFERENCE + "'s at " + differences.size() + " paths: "
                                    + shown.substring(0, Math.min(SHOWN_LENGTH, shown.length())));
                }
            }
        });
    }

    private void report(String contender, String text) {
        if (contender.equals(KILN)) {
            outcome.problem(text);
        } else {
            outcome.note(text);
        }
    }
}
