package build.kiln.builder.plan;

/// Something that the user should know although the build goes on.
///
/// @param rule the linter's rule, for example `UndefinedVar`; empty if it is not a linter's
/// @param line in the Dockerfile, counted from 1; 0 if it has none
public record PlanWarning(String rule, int line, String message) {}
