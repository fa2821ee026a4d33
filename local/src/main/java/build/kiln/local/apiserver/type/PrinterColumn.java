package build.kiln.local.apiserver.type;

/// A column that a CustomResourceDefinition declares.
///
/// @param priority 0 is always shown, anything above only with `-o wide`
public record PrinterColumn(String name, String type, String format, String description, int priority, JsonPath path) {}
