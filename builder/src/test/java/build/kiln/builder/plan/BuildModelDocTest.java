package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The example of `docs/build-model.md` is true.
class BuildModelDocTest {

    @Test
    void exampleLeadsToTheStepsAndTheHistoryThatItShows() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "build-model.md"));
        Platform platform = Platform.parse("linux/amd64");
        Digest digest = Digest.parse("sha256:" + "a".repeat(64));
        BaseImage base = new BaseImage(
                "base",
                new ImageHome.Repository(ImageReference.parse("base").withDigest(digest)),
                digest,
                ImageConfig.scratch(platform),
                List.of());
        Plan plan = Planner.plan(
                Dockerfile.parse("Dockerfile", block(page, "dockerfile").getBytes(StandardCharsets.UTF_8)),
                PlanRequest.on(platform),
                (name, wanted, place) -> base);

        assertThat(plan.stages().stream()
                        .flatMap(stage -> stage.steps().stream())
                        .map(step -> step.label().toString())
                        .collect(Collectors.joining("\n", "", "\n")))
                .isEqualTo(block(page, "steps"));
        assertThat(plan.target().image().history().stream()
                        .map(one -> (one.emptyLayer() ? "- " : "  ") + one.createdBy())
                        .collect(Collectors.joining("\n", "", "\n")))
                .isEqualTo(block(page, "history"));
    }

    private static String block(String page, String language) {
        Matcher matcher =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(matcher.find()).as("the page has a block of " + language).isTrue();
        return matcher.group(1);
    }
}
