package build.kiln.operator.imagebuild;

import build.kiln.operator.status.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What was done about a verdict: the news of it in their order, when to look again if nothing happens before, and what
/// there is to do once the news are written, and only then.
record Outcome(List<News> news, Optional<Duration> lookAgain, List<Runnable> afterwards) {

    Outcome {
        news = List.copyOf(news);
        afterwards = List.copyOf(afterwards);
    }

    static Outcome of(News news) {
        return new Outcome(List.of(news), Optional.empty(), List.of());
    }

    static Outcome of(News news, Duration lookAgain) {
        return new Outcome(List.of(news), Optional.of(lookAgain), List.of());
    }

    static Outcome nothing() {
        return new Outcome(List.of(), Optional.empty(), List.of());
    }

    static Outcome lookingAgain(Duration after) {
        return new Outcome(List.of(), Optional.of(after), List.of());
    }

    Outcome then(Runnable more) {
        List<Runnable> all = new ArrayList<>(afterwards);
        all.add(more);
        return new Outcome(news, lookAgain, all);
    }

    /// The same after other news, and looked at no later than `soon`.
    Outcome after(List<News> before, Optional<Duration> soon, List<Runnable> first) {
        List<News> all = new ArrayList<>(before);
        all.addAll(news);
        List<Runnable> actions = new ArrayList<>(first);
        actions.addAll(afterwards);
        return new Outcome(all, earlier(lookAgain, soon), actions);
    }

    static Optional<Duration> earlier(Optional<Duration> one, Optional<Duration> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        return one.get().compareTo(other.get()) < 0 ? one : other;
    }
}
