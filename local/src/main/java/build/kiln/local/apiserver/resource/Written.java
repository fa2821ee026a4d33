package build.kiln.local.apiserver.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// The outcome of a write.
///
/// @param object as it is stored now, or would be: for reading only
/// @param warnings for the client's eyes
public record Written(Outcome outcome, ObjectNode object, List<String> warnings) {

    /// What the write did.
    public enum Outcome {
        CREATED,
        CHANGED,
        SAME
    }

    public Written {
        warnings = List.copyOf(warnings);
    }
}
