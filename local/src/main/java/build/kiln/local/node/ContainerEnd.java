package build.kiln.local.node;

/// How a container's process ended.
///
/// @param exitCode above 128: by that signal
/// @param reason Kubernetes' word: `Completed`, `Error`, `OOMKilled`, `StartError`
/// @param message what the program left at its termination message path
record ContainerEnd(int exitCode, String reason, String message) {}
