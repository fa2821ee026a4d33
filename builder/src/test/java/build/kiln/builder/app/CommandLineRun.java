package build.kiln.builder.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `kiln build` in this process, in a folder of its own: the status that it ended with, and what it said.
record CommandLineRun(int status, String out, String err) {

    static CommandLineRun of(Path home, Map<String, String> variables, List<String> arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Map<String, String> all = new HashMap<>(variables);
        all.put("HOME", home.toString());
        Environment environment = new Environment(
                all,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Clock.systemUTC());
        int status = Kiln.run(environment, arguments.toArray(String[]::new));
        return new CommandLineRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// The last line that it said to people.
    String lastWord() {
        return err.strip().lines().reduce("", (_, last) -> last);
    }

    /// A JSON document below a folder.
    static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }
}
