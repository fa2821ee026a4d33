package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Holds the page on troubleshooting to the reasons that there are, and to the fields and settings that it names.
class TroubleshootingTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern ENTRY =
            Pattern.compile("(?m)^### `([A-Za-z]+)`\n\n[^#]+?\n\n- \\*\\*Look at:\\*\\* .+\n- \\*\\*Do:\\*\\* .+$");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z][A-Za-z]+)` \\|");

    /// `errors.md` is held to the constants of operator and builder by tests of both.
    @Test
    void everyReasonHasOneEntryThatSaysWhereToLookAndWhatToDo() throws IOException {
        List<String> entries = all(ENTRY, page());
        assertThat(entries).doesNotHaveDuplicates();
        assertThat(new TreeSet<>(entries))
                .isEqualTo(new TreeSet<>(all(ROW, Files.readString(DOCS.resolve("errors.md")))));
        assertThat(all(Pattern.compile("(?m)^### `(.+)`$"), page())).isEqualTo(entries);
    }

    @Test
    void everyFieldAndSettingThatIsNamedExists() throws IOException {
        String api = Files.readString(DOCS.resolve("api.md"));
        assertThat(all(Pattern.compile("`((?:spec|status)\\.[A-Za-z.]*[A-Za-z])`"), page()))
                .hasSizeGreaterThan(30)
                .allSatisfy(field -> assertThat(api).contains("| `" + field + "` |"));
        Set<String> settings = Settings.ALL.stream().map(Settings.Setting::name).collect(Collectors.toSet());
        assertThat(all(Pattern.compile("(KILN_[A-Z_]+)"), page()))
                .hasSizeGreaterThan(5)
                .isSubsetOf(settings);
    }

    private static String page() throws IOException {
        return Files.readString(DOCS.resolve("troubleshooting.md"));
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(m -> m.group(1)).toList();
    }
}
