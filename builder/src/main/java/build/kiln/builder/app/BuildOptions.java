package build.kiln.builder.app;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The flags of `kiln build` as they were typed. [BuildCommand] says what each means.
record BuildOptions(
        String context,
        @Nullable String file,
        List<String> tags,
        String target,
        List<String> buildArgs,
        List<String> labels,
        List<String> annotations,
        List<String> platforms,
        List<String> secrets,
        List<String> ssh,
        List<String> buildContexts,
        boolean noCache,
        List<String> noCacheFilter,
        List<String> cacheFrom,
        List<String> cacheTo,
        List<String> addHosts,
        String network,
        List<String> ulimits,
        String shmSize,
        List<String> allow,
        List<String> outputs,
        boolean push,
        String compression,
        String progress,
        @Nullable Path metadataFile,
        @Nullable Path iidFile,
        Path cacheDir) {}
