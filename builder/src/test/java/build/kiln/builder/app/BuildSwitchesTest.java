package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.execute.BuildJob.InlineCacheUse;
import build.kiln.builder.execute.BuiltImages.Form;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BuildSwitchesTest {

    private static BuildSwitches index(String value) {
        return new BuildSwitches(Map.of("BUILDKIT_MULTI_PLATFORM", value));
    }

    @Test
    void resultIsAnIndexOfSeveralPlatformsOrIfItIsAskedFor() {
        BuildSwitches none = new BuildSwitches(Map.of());
        assertThat(none.form(1)).isEqualTo(Form.MANIFEST);
        assertThat(none.form(2)).isEqualTo(Form.INDEX);
        assertThat(index("").form(2)).isEqualTo(Form.INDEX);
        assertThat(index("1").form(1)).isEqualTo(Form.INDEX);
        assertThat(index("0").form(1)).isEqualTo(Form.MANIFEST);
    }

    @Test
    void valuesThatCannotBeMeantAreRefused() {
        assertThatThrownBy(() -> index("yes").form(1))
                .hasMessage("build argument BUILDKIT_MULTI_PLATFORM: the value \"yes\" is neither true nor false. Write"
                        + " 1 or 0.");
        assertThatThrownBy(() -> index("false").form(2))
                .hasMessage("build argument BUILDKIT_MULTI_PLATFORM: \"false\" asks for no index, and there are 2"
                        + " platforms. Leave it out, or name one platform.");
    }

    @Test
    void imageBuildHasNoIndexOfOne() {
        index("0").refuseIndexOfOne();
        assertThatThrownBy(() -> index("1").refuseIndexOfOne())
                .hasMessage(
                        "build argument BUILDKIT_MULTI_PLATFORM: an ImageBuild makes an index if spec.platforms names"
                                + " several platforms, and no index of one. Take it out of spec.buildArgs.");
    }

    @Test
    void inlineCacheAndGitFolderAreSwitchedOnByTrueValues() {
        BuildSwitches on =
                new BuildSwitches(Map.of("BUILDKIT_INLINE_CACHE", "1", "BUILDKIT_CONTEXT_KEEP_GIT_DIR", "true"));
        assertThat(on.inlineCache()).isEqualTo(InlineCacheUse.WRITTEN);
        assertThat(on.keepsGitFolder()).isTrue();
        BuildSwitches off = new BuildSwitches(Map.of("BUILDKIT_INLINE_CACHE", "0"));
        assertThat(off.inlineCache()).isEqualTo(InlineCacheUse.LEFT_OUT);
        assertThat(off.keepsGitFolder()).isFalse();
    }
}
