package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import java.util.List;

/// Where an instruction stands, and how it is written.
///
/// @param file the Dockerfile's name as the user gave it
/// @param keyword the instruction's name in the user's own upper and lower case
/// @param lines from its first line to its last, heredocs included
/// @param firstLine its first line exactly as it stands in the file
/// @param text the whole instruction on one line, without its heredocs: continuations joined, comments left out,
///     blanks at both ends removed, nothing expanded
/// @param comments the comment lines above, without `#`, back to the last instruction or to a blank comment
public record Origin(
        String file, String keyword, LineRange lines, String firstLine, String text, List<String> comments) {

    public Origin {
        comments = List.copyOf(comments);
    }

    /// `Dockerfile:14`, as failures and warnings name the place.
    public String place() {
        return file + ":" + lines.first();
    }

    /// The instruction breaks a rule of the language.
    ///
    /// @param fact a whole sentence: what was seen and what was expected
    /// @param advice what to do, in whole sentences
    public DockerfileFailure failure(String fact, String advice) {
        return new DockerfileFailure(Reason.DockerfileInvalid, file, lines.first(), firstLine, fact, advice);
    }

    /// The instruction asks for something that Kiln does not do.
    public DockerfileFailure notSupportedYet(String fact, String advice) {
        return new DockerfileFailure(Reason.NotSupportedYet, file, lines.first(), firstLine, fact, advice);
    }

    /// What a comment `# name …` directly above says about `name`; empty if there is none.
    public String describe(String name) {
        return comments.stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .map(line -> line.substring(name.length() + 1))
                .orElse("");
    }

    Origin upTo(int lastLine) {
        return new Origin(file, keyword, new LineRange(lines.first(), lastLine), firstLine, text, comments);
    }
}
