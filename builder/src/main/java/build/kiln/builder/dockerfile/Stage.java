package build.kiln.builder.dockerfile;

import build.kiln.builder.dockerfile.instruction.From;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import java.util.List;
import java.util.Locale;

/// One FROM and the instructions up to the next.
///
/// @param index in the Dockerfile, counted from 0
public record Stage(int index, From from, List<Instruction> instructions) {

    public Stage {
        instructions = List.copyOf(instructions);
    }

    /// In lower case, since stage names do not differ by case; empty if it has none.
    public String name() {
        return from.name().toLowerCase(Locale.ROOT);
    }

    /// Image, earlier stage or `scratch`, unexpanded.
    public String base() {
        return from.base();
    }

    /// Value of `--platform`, unexpanded; empty if not given.
    public String platform() {
        return from.platform();
    }

    public Origin origin() {
        return from.origin();
    }

    /// What a comment `# name …` directly above says about the stage; empty if there is none.
    public String description() {
        return name().isEmpty() ? "" : from.origin().describe(name());
    }
}
