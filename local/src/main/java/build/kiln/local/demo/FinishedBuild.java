package build.kiln.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;

/// A build that has succeeded, as its status tells it.
///
/// @param image by digest
/// @param took from apply to success
/// @param steps in the Dockerfile's order
record FinishedBuild(String image, String digest, String phase, Duration took, List<Step> steps) {

    /// @param outcome `ran`, `cached`
    record Step(String instruction, String outcome) {}

    static FinishedBuild of(JsonNode build, Duration took) {
        JsonNode status = build.path("status");
        List<Step> steps = status.path("steps")
                .valueStream()
                .map(step -> new Step(
                        step.path("instruction").asText(), step.path("outcome").asText()))
                .toList();
        return new FinishedBuild(
                status.path("image").asText(),
                status.path("digest").asText(),
                status.path("phase").asText(),
                took,
                steps);
    }

    long count(String outcome) {
        return steps.stream().filter(step -> step.outcome().equals(outcome)).count();
    }

    /// The place of the step that starts with this text.
    int indexOf(String start) {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).instruction().startsWith(start)) {
                return i;
            }
        }
        throw new DemoFailure("No step starts with \"" + start + "\": " + steps);
    }
}
