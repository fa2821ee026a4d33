package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.parser.LineRange;

/// Something in a Dockerfile that is allowed and probably a mistake.
///
/// @param message what was seen and what to do, in whole sentences without a place
public record LintWarning(Rule rule, LineRange lines, String message) {}
