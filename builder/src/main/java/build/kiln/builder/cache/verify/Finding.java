package build.kiln.builder.cache.verify;

/// Something that was damaged, and is gone now.
///
/// @param entry its path on the volume
/// @param fact what is wrong with it, as a sentence
public record Finding(String entry, String fact) {

    @Override
    public String toString() {
        return entry + ": " + fact;
    }
}
