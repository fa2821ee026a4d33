package build.kiln.builder.app;

import build.kiln.builder.plan.Feature;
import java.util.EnumSet;
import java.util.Set;

/// The Dockerfile features beyond the basic instructions that the executor runs.
final class Supported {

    static final Set<Feature> FEATURES = EnumSet.of(Feature.ONBUILD_TRIGGER);

    private Supported() {}
}
