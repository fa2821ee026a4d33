package build.kiln.builder.app;

import build.kiln.builder.plan.Feature;
import java.util.EnumSet;
import java.util.Set;

/// The Dockerfile features beyond the basic instructions that the executor runs.
final class Supported {

    static final Set<Feature> FEATURES = EnumSet.of(
            Feature.CONTEXT_AS_BASE,
            Feature.NAMED_CONTEXT,
            Feature.NETWORK_HOST,
            Feature.NETWORK_NONE,
            Feature.ONBUILD_TRIGGER,
            Feature.RUN_HEREDOC_FILE,
            Feature.RUN_MOUNT_BIND,
            Feature.RUN_MOUNT_CACHE,
            Feature.RUN_MOUNT_SECRET,
            Feature.RUN_MOUNT_TMPFS);

    private Supported() {}
}
