package build.kiln.operator.imagebuild;

import build.kiln.operator.status.News;
import java.time.Duration;
import java.util.Optional;

/// What was done about a verdict: the news of it, and when to look again if nothing happens before.
record Outcome(Optional<News> news, Optional<Duration> lookAgain) {

    static Outcome of(News news) {
        return new Outcome(Optional.of(news), Optional.empty());
    }

    static Outcome of(News news, Duration lookAgain) {
        return new Outcome(Optional.of(news), Optional.of(lookAgain));
    }

    static Outcome nothing() {
        return new Outcome(Optional.empty(), Optional.empty());
    }
}
