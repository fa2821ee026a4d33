package build.kiln.operator.queue;

/// Names an ImageBuild.
public record BuildKey(String namespace, String name) {}
