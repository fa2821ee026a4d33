package build.kiln.local.apiserver.table;

/// A column of a table, with how its cells are made.
record Column(String name, String type, String format, String description, int priority, Cell cell) {

    static Column shown(String name, Cell cell) {
        return new Column(name, "string", "", "", 0, cell);
    }

    /// Only with `-o wide`.
    static Column wide(String name, Cell cell) {
        return new Column(name, "string", "", "", 1, cell);
    }
}
