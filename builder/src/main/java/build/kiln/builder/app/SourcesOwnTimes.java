package build.kiln.builder.app;

import build.kiln.builder.execute.RemoteFiles;
import build.kiln.builder.plan.SourceTimes;
import build.kiln.builder.plan.Step;
import build.kiln.builder.source.SourceTree;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The times of sources, fetched when `SOURCE_DATE_EPOCH` names one.
record SourcesOwnTimes(SourceTree context, NamedTrees named, RemoteFiles remote) implements SourceTimes {

    @Override
    public @Nullable Instant ofContext() {
        return seconds(context.time());
    }

    @Override
    public @Nullable Instant ofNamedContext(String name) {
        return seconds(named.time(name));
    }

    @Override
    public @Nullable Instant ofRemote(Step.CopySource source) {
        return seconds(remote.time(source, "SOURCE_DATE_EPOCH"));
    }

    private static @Nullable Instant seconds(@Nullable Instant time) {
        return time == null ? null : Instant.ofEpochSecond(time.getEpochSecond());
    }
}
