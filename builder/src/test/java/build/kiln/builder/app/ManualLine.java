package build.kiln.builder.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The first `./kiln build …` of a page of the manual.
final class ManualLine {

    private ManualLine() {}

    /// Its arguments.
    ///
    /// @param page `verify.md`
    /// @param registry takes the place of `registry.example.com`
    /// @param context takes the place of `.`
    static List<String> arguments(String page, String registry, Path context) throws IOException {
        String line = Files.readString(Path.of("../docs").resolve(page))
                .lines()
                .filter(one -> one.startsWith("./kiln build "))
                .findFirst()
                .orElseThrow();
        List<String> arguments = new ArrayList<>();
        Matcher words = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line.substring("./kiln ".length()));
        while (words.find()) {
            arguments.add(words.group(1) == null ? words.group(2) : words.group(1));
        }
        arguments.replaceAll(
                word -> word.equals(".") ? context.toString() : word.replace("registry.example.com", registry));
        return arguments;
    }
}
