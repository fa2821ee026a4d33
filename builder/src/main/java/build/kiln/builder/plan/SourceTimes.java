package build.kiln.builder.plan;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Where the planner asks for the time of a source, if `SOURCE_DATE_EPOCH` names one instead of a number.
public interface SourceTimes {

    /// When the main build context was committed or last changed; null if it has no such time, as a folder.
    @Nullable
    Instant ofContext();

    /// The same of a named context.
    @Nullable
    Instant ofNamedContext(String name);

    /// The same of a URL or git repository that an ADD names.
    @Nullable
    Instant ofRemote(Step.CopySource source);

    /// No source has a time.
    static SourceTimes unknown() {
        return new SourceTimes() {
            @Override
            public @Nullable Instant ofContext() {
                return null;
            }

            @Override
            public @Nullable Instant ofNamedContext(String name) {
                return null;
            }

            @Override
            public @Nullable Instant ofRemote(Step.CopySource source) {
                return null;
            }
        };
    }
}
