package build.kiln.builder.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Why crun could not start a program, in the words that a shell's user knows.
///
/// @param code 127 if there is no such program, 126 if it cannot be executed
/// @param text a whole sentence
record StartError(int code, String text) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String NOT_FOUND = "executable file `";
    private static final String NOT_OPENED = "open executable";
    private static final String NOT_EXECUTED = "exec container process";

    /// At the very end crun has no log any more and writes the log's line to the program's stream.
    private static final String LAST_WORDS = "{\"msg\":\"" + NOT_EXECUTED;

    static boolean looksLikeOne(byte[] line) {
        String text = new String(line, 0, Math.min(line.length, 64), StandardCharsets.UTF_8);
        return text.startsWith(NOT_FOUND) || text.startsWith(NOT_OPENED) || text.startsWith(LAST_WORDS);
    }

    /// What crun's log says, if it is about the program; empty if it is about something else.
    static Optional<StartError> from(List<String> log, String program) {
        for (String message : log) {
            if (message.startsWith(NOT_FOUND)) {
                return Optional.of(new StartError(
                        127,
                        program.contains("/")
                                ? "There is no " + program + " in the image."
                                : "There is no program \"" + program + "\" in the folders of PATH in the image."));
            }
            if (message.startsWith(NOT_EXECUTED)) {
                return Optional.of(
                        message.endsWith("No such file or directory")
                                ? new StartError(
                                        127,
                                        program + " needs an interpreter or a dynamic loader that is not in the image:"
                                                + " look at its first line or at what it is linked with.")
                                : message.endsWith("Exec format error")
                                        ? new StartError(
                                                126,
                                                program + " is neither a program for this machine nor a script with"
                                                        + " #! in its first line.")
                                        : notExecutable(program, message));
            }
            if (message.startsWith(NOT_OPENED)) {
                return Optional.of(notExecutable(program, message));
            }
        }
        return Optional.empty();
    }

    private static StartError notExecutable(String program, String message) {
        String why = message.substring(message.lastIndexOf(':') + 1).strip();
        return new StartError(
                126,
                program + " cannot be executed (" + why + "): it is a directory, or this user may not execute it.");
    }

    /// The errors of crun's log.
    ///
    /// @param held the line that was held back because it looks like one; empty if there is none
    static List<String> messages(Path log, String held) throws IOException {
        List<String> lines = new ArrayList<>(Files.exists(log) ? Files.readAllLines(log) : List.of());
        if (held.startsWith(LAST_WORDS)) {
            lines.add(held);
        }
        List<String> messages = new ArrayList<>();
        for (String line : lines) {
            try {
                JsonNode entry = MAPPER.readTree(line);
                if (entry.path("level").asText().equals("error")) {
                    messages.add(entry.path("msg").asText());
                }
            } catch (JsonProcessingException e) {
                messages.add(line);
            }
        }
        return messages;
    }
}
