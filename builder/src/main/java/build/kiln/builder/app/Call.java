package build.kiln.builder.app;

import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.util.List;
import java.util.Locale;

/// The value of `--call`: what to do with a Dockerfile.
record Call(Method method, Format format) {

    /// What is done.
    enum Method {
        BUILD,
        CHECK,
        OUTLINE,
        TARGETS
    }

    /// How the answer is printed.
    enum Format {
        TEXT,
        JSON
    }

    private static final List<String> METHODS = List.of("build", "check", "outline", "targets");

    /// Reads `METHOD[,format=FORMAT]`; `lint` is `check`.
    ///
    /// @throws RequestFailure if there is no such method or format
    static Call parse(String text) {
        String[] parts = text.split(",", 2);
        String word = parts[0].equals("lint") ? "check" : parts[0].replaceFirst("^subrequests\\.", "");
        if (!METHODS.contains(word)) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "--call " + text,
                    "there is no method \"" + word + "\".",
                    NearestWord.advice(word, METHODS, "Choose build, check, outline or targets."));
        }
        Method method = Method.valueOf(word.toUpperCase(Locale.ROOT));
        return switch (parts.length < 2 ? "format=text" : parts[1]) {
            case "format=text" -> new Call(method, Format.TEXT);
            case "format=json" -> new Call(method, Format.JSON);
            default ->
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        "--call " + text,
                        "\"" + parts[1] + "\" is no format.",
                        "Write " + word + ",format=json or " + word + ",format=text.");
        };
    }
}
