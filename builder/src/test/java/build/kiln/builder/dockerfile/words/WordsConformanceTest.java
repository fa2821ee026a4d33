package build.kiln.builder.dockerfile.words;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.ConformanceData;
import build.kiln.builder.dockerfile.words.Words.Quotes;
import build.kiln.builder.dockerfile.words.Words.Unset;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The reference implementation's expansions.
class WordsConformanceTest {

    private static final Map<String, String> VARIABLES =
            Map.of("A", "hello", "B", "world", "N", "", "P", "/usr/local/bin", "S", "a b  c", "K", "한국");

    @Test
    void everyWordExpandsAsTheReferencesDoes() {
        List<String> differences = new ArrayList<>();
        for (JsonNode line : ConformanceData.lines("parser/shell-words.jsonl")) {
            String difference = compare(line);
            if (difference != null) {
                differences.add(line + "\n  " + difference);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static @Nullable String compare(JsonNode line) {
        char escape = line.get("escape").asText().charAt(0);
        Words words = switch (line.get("mode").asText()) {
            case "normal" -> Words.ofInstruction(escape);
            case "rawquotes+skipunset" -> Words.forDisplay(escape);
            case "skipprocessquotes" -> new Words(escape, Quotes.ORDINARY, Unset.EMPTY);
            case "rawescapes" -> new Words(escape, Quotes.REMOVED_BUT_ESCAPES, Unset.EMPTY);
            default -> throw new IllegalArgumentException(line.toString());
        };
        Expansion expansion;
        try {
            expansion = words.expand(line.get("word").asText(), Environment.of(VARIABLES));
        } catch (BadWordException e) {
            return line.has("error") ? null : "refused: " + e.getMessage();
        }
        if (line.has("error")) {
            return "expanded to " + expansion.text();
        }
        if (!expansion.text().equals(line.get("result").asText())) {
            return "expanded to " + expansion.text();
        }
        if (!expansion.words().equals(texts(line.get("words")))) {
            return "split into " + expansion.words();
        }
        boolean names = new TreeSet<>(expansion.matched()).equals(new TreeSet<>(texts(line.get("matched"))))
                && new TreeSet<>(expansion.unmatched()).equals(new TreeSet<>(texts(line.get("unmatched"))));
        return names ? null : "asked for " + expansion.matched() + " and " + expansion.unmatched();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Test
    void referencesOwnVariablesExpand() throws IOException {
        Map<String, String> variables = Map.of("PWD", "/home", "SHELL", "bash", "KOREAN", "한국어", "NULL", "");
        List<String> differences = new ArrayList<>();
        for (String line : Files.readAllLines(ConformanceData.path("parser/envVarTest"))) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            String[] parts = line.split("\\|", -1);
            if (parts[0].strip().equals("W")) {
                continue;
            }
            String actual;
            try {
                actual = Words.ofInstruction('\\')
                        .expand(parts[1].strip(), Environment.of(variables))
                        .text();
            } catch (BadWordException e) {
                actual = "error";
            }
            if (!actual.equals(parts[2].strip())) {
                differences.add(line + " but was " + actual);
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void referencesOwnWordsSplit() throws IOException {
        Map<String, String> variables = new HashMap<>();
        List<String> differences = new ArrayList<>();
        for (String line : Files.readAllLines(ConformanceData.path("parser/wordsTest"))) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            if (line.startsWith("ENV ")) {
                String[] pair = line.substring(4).stripLeading().split("=", 2);
                variables.put(pair[0], pair[1]);
                continue;
            }
            String[] parts = line.split("\\|", -1);
            String actual;
            try {
                actual = String.join(
                        ",",
                        Words.ofInstruction('\\')
                                .expand(parts[0].strip(), Environment.of(variables))
                                .words());
            } catch (BadWordException e) {
                actual = "error";
            }
            if (!actual.equals(parts[1].stripLeading())) {
                differences.add(line + " but was " + actual);
            }
        }
        assertThat(differences).isEmpty();
    }
}
