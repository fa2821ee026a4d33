package build.kiln.builder.app;

import build.kiln.builder.execute.BuildJob;
import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.util.Map;
import java.util.Set;

/// Build arguments that are no argument of the Dockerfile, but switch something on for the whole build.
record BuildSwitches(Map<String, String> buildArgs) {

    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");
    private static final String INDEX = "BUILDKIT_MULTI_PLATFORM";

    BuildSwitches {
        buildArgs = Map.copyOf(buildArgs);
    }

    /// Whether a repository's folder `.git` belongs to the context.
    boolean keepsGitFolder() {
        return isOn("BUILDKIT_CONTEXT_KEEP_GIT_DIR");
    }

    /// An old name of `--cache-to type=inline`.
    boolean writesInlineCache() {
        return isOn("BUILDKIT_INLINE_CACHE");
    }

    BuildJob.InlineCacheUse inlineCache() {
        return writesInlineCache() ? BuildJob.InlineCacheUse.WRITTEN : BuildJob.InlineCacheUse.LEFT_OUT;
    }

    /// Whether the result is an index: if there are several platforms, or if it is asked for.
    ///
    /// @param platforms how many there are
    /// @throws RequestFailure `RequestInvalid` if the value is neither yes nor no, or no for several platforms
    BuiltImages.Form form(int platforms) {
        String value = buildArgs.getOrDefault(INDEX, "");
        if (value.isEmpty()) {
            return platforms > 1 ? BuiltImages.Form.INDEX : BuiltImages.Form.MANIFEST;
        }
        if (!TRUE.contains(value) && !FALSE.contains(value)) {
            throw invalid("the value \"" + value + "\" is neither true nor false.", "Write 1 or 0.");
        }
        if (FALSE.contains(value) && platforms > 1) {
            throw invalid(
                    "\"" + value + "\" asks for no index, and there are " + platforms + " platforms.",
                    "Leave it out, or name one platform.");
        }
        return TRUE.contains(value) ? BuiltImages.Form.INDEX : BuiltImages.Form.MANIFEST;
    }

    /// For a build of one platform whose result others put together.
    ///
    /// @throws RequestFailure `RequestInvalid`
    void refuseIndexOfOne() {
        if (form(1) == BuiltImages.Form.INDEX) {
            throw invalid(
                    "an ImageBuild makes an index if spec.platforms names several platforms, and no index of one.",
                    "Take it out of spec.buildArgs.");
        }
    }

    private boolean isOn(String name) {
        return TRUE.contains(buildArgs.getOrDefault(name, ""));
    }

    private static RequestFailure invalid(String fact, String advice) {
        return new RequestFailure(Reason.RequestInvalid, "build argument " + INDEX, fact, advice);
    }
}
