package build.kiln.builder.dockerfile.parser;

/// A comment at the top of the file that speaks to the parser: `# syntax=…`, `# escape=…` or `# check=…`.
///
/// @param name in lower case
/// @param line counted from 1
public record ParserDirective(String name, String value, int line) {}
