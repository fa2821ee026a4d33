package build.kiln.builder.registry;

/// What a build wants of a repository.
public enum Access {
    PULL,
    PUSH
}
