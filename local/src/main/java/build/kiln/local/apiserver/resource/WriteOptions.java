package build.kiln.local.apiserver.resource;

/// How a write is meant.
///
/// @param manager who writes: `kubectl`, the operator
public record WriteOptions(Persistence persistence, UnknownFields unknownFields, String manager) {

    /// What a client that asks for nothing gets.
    public static final WriteOptions DEFAULT = new WriteOptions(Persistence.STORE, UnknownFields.WARN, "unknown");

    /// Whether the write is to last.
    public enum Persistence {
        STORE,
        DRY_RUN
    }

    /// What becomes of fields that the schema does not know; they are dropped in any case.
    public enum UnknownFields {
        IGNORE,
        WARN,
        REFUSE
    }
}
