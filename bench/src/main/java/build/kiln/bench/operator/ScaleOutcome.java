package build.kiln.bench.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/// What was measured.
///
/// @param rssMiB the most memory that an operator had resident
/// @param p99Millis of the times from the end of a pod to the status that says so, while nothing else happened
/// @param restartSeconds from the start of an operator whose predecessor was killed until all that had happened
///     meanwhile was in the status
/// @param requestsPerBuild to the API server, by all operators, over the number of builds
/// @param duplicatePods that lived at the same time as another of the same build and generation
/// @param stuck builds that did not come to their end, or to a wrong one
public record ScaleOutcome(
        long rssMiB, long p99Millis, double restartSeconds, double requestsPerBuild, long duplicatePods, long stuck) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// One line.
    public String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Numbers can be written as JSON.", e);
        }
    }
}
