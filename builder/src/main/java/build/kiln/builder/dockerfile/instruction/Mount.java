package build.kiln.builder.dockerfile.instruction;

import org.jspecify.annotations.Nullable;

/// A RUN's mount, all values expanded. Texts that were not given are empty; defaults that depend on the step (the
/// target of a secret, the id of a cache) are the plan's.
///
/// @param from stage, image or named context that a bind or cache mount reads; empty for the build context
/// @param readOnly as given; otherwise false for caches and tmpfs and true for all others
/// @param sizeBytes of a tmpfs; 0 for no limit
/// @param id of a cache, secret or SSH agent
/// @param required for secrets and SSH agents
/// @param env the variable that shall hold a secret, empty for a name made from the secret's; null if not asked for
/// @param mode permission bits; null if not given
public record Mount(
        Type type,
        String from,
        String source,
        String target,
        boolean readOnly,
        long sizeBytes,
        String id,
        Sharing sharing,
        boolean required,
        @Nullable String env,
        @Nullable Integer mode,
        @Nullable Long uid,
        @Nullable Long gid) {

    /// `type=`
    public enum Type {
        BIND,
        CACHE,
        TMPFS,
        SECRET,
        SSH
    }

    /// `sharing=` of a cache.
    public enum Sharing {
        SHARED,
        PRIVATE,
        LOCKED
    }
}
