package build.kiln.operator.progress;

/// A builder pod. The uid tells it from an earlier one of the same name.
public record PodKey(String namespace, String name, String uid) {}
