package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Heredoc;
import java.util.List;

/// What a RUN, CMD, ENTRYPOINT or HEALTHCHECK executes.
public sealed interface CommandLine {

    /// A line for the shell that is in force: `RUN make && make install`.
    ///
    /// @param line continuations joined; empty if nothing was written
    /// @param heredocs in the order in which the line names them; always empty outside of RUN
    record ShellForm(String line, List<Heredoc> heredocs) implements CommandLine {

        public ShellForm {
            heredocs = List.copyOf(heredocs);
        }
    }

    /// Program and arguments as a JSON array: `CMD ["nginx", "-g", "daemon off;"]`. May be empty (`CMD []`).
    record ExecForm(List<String> args) implements CommandLine {

        public ExecForm {
            args = List.copyOf(args);
        }
    }
}
