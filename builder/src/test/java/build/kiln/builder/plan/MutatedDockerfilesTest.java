package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever a Dockerfile says, it is planned or refused.
///
/// The number of mutants is small here; `-Dkiln.mutants=…` makes it large.
class MutatedDockerfilesTest {

    private static final List<String> SNIPPETS = List.of(
            "$",
            "${",
            "}",
            "\"",
            "'",
            "\\\n",
            "\n",
            " ",
            "--",
            "=",
            ":",
            ",",
            "/",
            "..",
            "<<EOF\n",
            "FROM base\n",
            "FROM ",
            "COPY --from=0 ",
            "RUN --mount=",
            "ARG ",
            "ENV ",
            "ONBUILD ",
            "[",
            "]",
            "@",
            "#",
            "?",
            "%",
            "-",
            "0",
            "é",
            "\t");

    @Test
    void everyMutantIsPlannedOrRefused() {
        List<GoldenCase> seeds = Stream.concat(GoldenCase.all("plans"), GoldenCase.all("rejects"))
                .toList();
        Random random = new Random(20260823);
        int planned = 0;
        int mutants = Integer.getInteger("kiln.mutants", 2_000);
        for (int i = 0; i < mutants; i++) {
            GoldenCase seed = seeds.get(random.nextInt(seeds.size()));
            String text = mutate(seed.text("Dockerfile"), random);
            try {
                assertThat(seed.plan(text.getBytes(StandardCharsets.UTF_8)).stages())
                        .isNotEmpty();
                planned++;
            } catch (BuildFailure expected) {
                assertThat(expected).as(text).isNotInstanceOf(Defect.class);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError(seed + ":\n" + text, e);
            }
        }
        assertThat(planned).as("a part of the mutants is still a Dockerfile").isBetween(mutants / 20, mutants - 1);
    }

    private static String mutate(String text, Random random) {
        StringBuilder mutant = new StringBuilder(text);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(mutant.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> mutant.insert(at, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
                case 1 -> mutant.delete(at, Math.min(mutant.length(), at + 1 + random.nextInt(4)));
                case 2 -> {
                    int from = random.nextInt(mutant.length() + 1);
                    mutant.insert(at, mutant.substring(from, Math.min(mutant.length(), from + random.nextInt(30))));
                }
                default -> {
                    if (at < mutant.length()) {
                        mutant.setCharAt(
                                at, (char) (random.nextInt(8) == 0 ? random.nextInt(0x3000) : random.nextInt(128)));
                    }
                }
            }
        }
        return mutant.toString();
    }
}
