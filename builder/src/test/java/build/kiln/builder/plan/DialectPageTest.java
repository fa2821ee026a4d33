package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DialectPageTest {

    private static final Pattern REFUSED = Pattern.compile(" uses (.*), which Kiln does not do yet\\.");

    @Test
    void whatIsRefusedByNameIsOnThePage() throws IOException {
        String page = Files.readString(Path.of("../docs/dockerfile.md")).replace("`", "");
        List<String> refused = GoldenCase.all("rejects")
                .flatMap(reject -> REFUSED.matcher(reject.text("error.txt")).results())
                .map(match -> match.group(1))
                .toList();
        assertThat(refused).isNotEmpty().allSatisfy(what -> assertThat(page).contains("\n| " + what + " | "));
    }
}
