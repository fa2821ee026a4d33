package build.kiln.local.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/// Makes one column's value out of an object.
@FunctionalInterface
interface Cell {

    /// @return text, a number or null
    Object value(JsonNode object, Instant now);
}
