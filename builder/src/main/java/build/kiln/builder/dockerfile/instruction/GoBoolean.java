package build.kiln.builder.dockerfile.instruction;

import java.util.Optional;

/// A yes or no, in the spellings that the Dockerfile reference implementation takes.
final class GoBoolean {

    private GoBoolean() {}

    static Optional<Boolean> parse(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
            case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
