package build.kiln.operator.pod;

import java.time.Duration;

/// Which attempt a pod is for.
///
/// @param firstAttempt the first of the attempts that go on from each other
/// @param timeout `spec.timeout` as a duration
public record PodOrder(long generation, int attempt, int firstAttempt, Duration timeout) {}
