package build.kiln.builder.oci;

/// Digest of a layer's uncompressed tar, as listed in `rootfs.diff_ids`.
///
/// Recompressing a layer changes its blob [Digest] and never this value, so the two are different types.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-diffid">image-spec 1.1.1,
/// Layer DiffID</a>
public record DiffId(Digest digest) {

    public static DiffId parse(String text) {
        return new DiffId(Digest.parse(text));
    }

    @Override
    public String toString() {
        return digest.toString();
    }
}
