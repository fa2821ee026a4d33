package build.kiln.builder.execute;

import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlanWarning;
import build.kiln.builder.plan.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a build tells what it is doing. Called from many threads at once; must not throw.
public interface Progress {

    /// The source is there.
    ///
    /// @param revision the commit that it is of; null for a source without one
    default void sourceObtained(@Nullable String revision) {}

    /// All steps are done; what the registry lacks of the image is on its way.
    default void pushing(String image) {}

    /// The plan is made; nothing has run yet.
    void planned(Plan plan);

    /// What comes next is not the builder's own work, for the first time or again: a RUN's process, or a step that
    /// another build is at.
    default void waits() {}

    /// Work other than a step starts: `[internal] load metadata for alpine`, `pushing layers`.
    Activity start(String title);

    /// A step starts to be looked up or run.
    Activity start(Step step);

    /// Something that the user should know although the build goes on.
    void warning(String text);

    /// Something in the Dockerfile that is allowed and probably a mistake.
    ///
    /// @param file the Dockerfile's name as the user knows it
    default void lint(String file, PlanWarning warning) {
        warning((warning.line() > 0 ? file + ":" + warning.line() + ": " : "")
                + (warning.rule().isEmpty() ? "" : warning.rule() + ": ")
                + warning.message());
    }

    /// One piece of work, from its start to exactly one of [#done], [#cached] and [#failed].
    interface Activity {

        /// A line that a RUN printed, without its end of line.
        void output(byte[] line);

        /// A word on how far it is: `1.2 MB / 30 MB`.
        void detail(String text);

        /// For whom it waits, or why it has to run although there is a cache.
        void note(String text);

        void done(StepResult result);

        void failed(String message);
    }

    /// A progress that nobody looks at.
    static Progress none() {
        return new SilentProgress();
    }

    /// All of these progresses at once.
    static Progress all(List<Progress> several) {
        return several.size() == 1 ? several.getFirst() : new SeveralProgresses(several);
    }
}
