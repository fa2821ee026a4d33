package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Heredoc;
import java.util.List;

/// What a COPY or ADD takes, where it puts it, and how. All words unexpanded.
///
/// @param sources paths, patterns or URLs, in the order in which they are written
/// @param heredocs sources whose text stands in the Dockerfile; they are copied after `sources`
/// @param chown `user[:group]`; empty if not given
/// @param chmod octal or symbolic; empty if not given
/// @param excludes patterns of what is left out; never expanded
public record Files(
        List<String> sources,
        List<Heredoc> heredocs,
        String destination,
        String chown,
        String chmod,
        boolean link,
        List<String> excludes) {

    public Files {
        sources = List.copyOf(sources);
        heredocs = List.copyOf(heredocs);
        excludes = List.copyOf(excludes);
    }
}
