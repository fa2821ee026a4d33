package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CanonicalStepTest {

    private static final Step.Label LABEL = new Step.Label("build", 2, 4, "RUN make", 7, "RUN make");
    private static final Step.Label OTHER = new Step.Label("", 3, 9, "RUN  make", 70, "run make");

    @Test
    void labelLineCacheFlagAndProxiesDoNotCount() {
        Step.Run one = run(LABEL, "make", List.of(), List.of(), false);
        Step.Run other = run(OTHER, "make", List.of(), List.of("HTTP_PROXY=http://user:secret@proxy"), true);
        assertThat(CanonicalStep.of(other)).isEqualTo(CanonicalStep.of(one));
        assertThat(text(other)).doesNotContain("secret");
    }

    @Test
    void whatTheProcessSeesCounts() {
        Step.Run one = run(LABEL, "make", List.of(), List.of(), false);
        assertThat(text(run(LABEL, "make all", List.of(), List.of(), false))).isNotEqualTo(text(one));
        assertThat(text(run(LABEL, "make", List.of(secret("a", true)), List.of(), false)))
                .isNotEqualTo(text(one));
        assertThat(text(run(LABEL, "make", List.of(secret("b", true)), List.of(), false)))
                .isNotEqualTo(text(run(LABEL, "make", List.of(secret("a", true)), List.of(), false)));
    }

    @Test
    void formIsWhatOldRecordsHave() {
        assertThat(text(run(LABEL, "make", List.of(secret("a", true)), List.of(), false)))
                .isEqualTo("{\"version\":1,\"run\":{\"args\":[\"make\"],\"env\":[\"A=1\"],\"user\":\"\",\"cwd\":\"/\","
                        + "\"network\":\"NONE\",\"security\":\"SANDBOX\",\"mounts\":[{\"type\":\"secret\",\"id\":\"a\","
                        + "\"target\":\"/run/secrets/a\",\"required\":true,\"mode\":256,\"uid\":0,\"gid\":0}]}}");
        assertThat(text(copy(new FileSource.Context(), null)))
                .isEqualTo("{\"version\":1,\"copy\":{\"sources\":[{\"type\":\"files\",\"kind\":\"context\","
                        + "\"pattern\":\"/a\",\"pivot\":\"/\",\"unpack\":false}],\"destination\":\"/b\",\"link\":false,"
                        + "\"parents\":false,\"excludes\":[]}}");
        assertThat(text(new Step.Workdir(LABEL, "/app", "me", false)))
                .isEqualTo("{\"version\":1,\"workdir\":{\"path\":\"/app\",\"owner\":\"me\"}}");
    }

    @Test
    void whichStageOrContextFilesComeFromIsLeftToTheirDigest() {
        assertThat(text(copy(new FileSource.Stage(1), null))).isEqualTo(text(copy(new FileSource.Stage(2), null)));
        assertThat(text(copy(new FileSource.NamedContext("x"), null)))
                .isEqualTo(text(copy(new FileSource.Context(), null)));
        assertThat(text(copy(new FileSource.Stage(1), null)))
                .as("files of a stage keep their owners, those of a context do not")
                .isNotEqualTo(text(copy(new FileSource.Context(), null)));
        assertThat(text(copy(new FileSource.Context(), "app")))
                .isNotEqualTo(text(copy(new FileSource.Context(), null)));
    }

    private static String text(Step step) {
        return new String(CanonicalStep.of(step), StandardCharsets.UTF_8);
    }

    private static Step.Mount secret(String id, boolean required) {
        return new Step.Mount.Secret(id, "/run/secrets/" + id, null, required, 0400, 0, 0);
    }

    private static Step.Copy copy(FileSource from, @Nullable String chown) {
        return new Step.Copy(
                LABEL,
                List.of(new Step.CopySource.Files(from, "/a", false)),
                "/b",
                chown,
                null,
                false,
                false,
                List.of(),
                "/",
                false);
    }

    private static Step.Run run(
            Step.Label label, String program, List<Step.Mount> mounts, List<String> proxies, boolean alwaysRuns) {
        return new Step.Run(
                label,
                List.of(program),
                List.of("A=1"),
                "",
                "/",
                null,
                mounts,
                Step.Network.NONE,
                Step.Security.SANDBOX,
                proxies,
                List.of(),
                alwaysRuns);
    }
}
