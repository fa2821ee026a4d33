package build.kiln.builder.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Identity of a stack of applied layers.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-chainid">image-spec 1.1.1,
/// Layer ChainID</a>
public record ChainId(Digest digest) {

    /// The identity of these layers, the lowest first.
    ///
    /// @throws IllegalArgumentException if there are none: an empty stack has no ChainID
    public static ChainId of(List<DiffId> layers) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("an empty stack of layers has no ChainID");
        }
        Digest chain = layers.getFirst().digest();
        for (DiffId layer : layers.subList(1, layers.size())) {
            chain = Digest.of((chain + " " + layer).getBytes(StandardCharsets.US_ASCII));
        }
        return new ChainId(chain);
    }

    @Override
    public String toString() {
        return digest.toString();
    }
}
