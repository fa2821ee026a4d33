package build.kiln.builder.dockerfile.parser;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One instruction, cut into its parts and not yet understood.
///
/// @param flags what begins with `--`, quotes and escapes already removed
/// @param args what follows; a pair of ENV or LABEL is three: name, value, and `=` or nothing
/// @param json true if the arguments were written as a JSON array
/// @param trigger the instruction within an ONBUILD; null in all others
/// @param heredocs in the order in which the line names them
public record Node(
        Origin origin,
        List<String> flags,
        List<String> args,
        boolean json,
        @Nullable Node trigger,
        List<Heredoc> heredocs) {

    public Node {
        flags = List.copyOf(flags);
        args = List.copyOf(args);
        heredocs = List.copyOf(heredocs);
    }

    /// The instruction's name in the user's own upper and lower case.
    public String keyword() {
        return origin.keyword();
    }

    /// The same instruction, as if it stood where another one stands.
    public Node at(Origin place) {
        Origin moved =
                new Origin(place.file(), keyword(), place.lines(), place.firstLine(), origin.text(), origin.comments());
        return new Node(moved, flags, args, json, trigger, heredocs);
    }

    Node with(List<Heredoc> newHeredocs, int lastLine) {
        return new Node(origin.upTo(lastLine), flags, args, json, trigger, newHeredocs);
    }

    /// False for exec forms, and for all instructions but ADD, COPY, RUN and an ONBUILD of these.
    boolean canHaveHeredocs() {
        Node node = trigger != null ? trigger : this;
        return !node.json()
                && Keyword.of(node.keyword()).filter(Keyword::canHaveHeredocs).isPresent();
    }
}
