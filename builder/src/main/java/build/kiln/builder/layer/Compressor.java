package build.kiln.builder.layer;

import java.util.Optional;

/// A way to pack layers, as it is on this machine. One for the whole program: to make one costs a millisecond.
public final class Compressor {

    private final BlockCodec codec;
    private final Optional<String> warning;

    private Compressor(BlockCodec codec, Optional<String> warning) {
        this.codec = codec;
        this.warning = warning;
    }

    /// The fastest one for this kind.
    public static Compressor of(Compression compression) {
        return switch (compression) {
            case NONE -> new Compressor(new PlainCodec(), Optional.empty());
            case ZSTD -> new Compressor(new ZstdCodec(), Optional.empty());
            case GZIP ->
                IsalPacker.find()
                        .map(isal -> new Compressor(new GzipCodec(IsalPacker.NAME, 4, isal), Optional.empty()))
                        .orElseGet(Compressor::portableGzip);
        };
    }

    /// Gzip by what every JDK has.
    static Compressor portableGzip() {
        return new Compressor(
                new GzipCodec(ZlibPacker.NAME, 16, ZlibPacker::new),
                Optional.of("Layers are compressed by the JDK's zlib, which is about seven times slower than ISA-L, and"
                        + " makes other blobs (the diffIDs are the same). Install libisal2 (Debian, Ubuntu) or"
                        + " isa-l (Fedora, Alpine), or use zstd."));
    }

    public Compression compression() {
        return codec.compression();
    }

    /// Names the bytes that come out: two compressors of the same recipe make the same blob of the same tar.
    /// Belongs
    /// into the key of everything that remembers a blob's digest.
    public String recipe() {
        return codec.recipe();
    }

    /// What the user should be told, once, if this is not the compressor that it could be.
    public Optional<String> warning() {
        return warning;
    }

    BlockCodec codec() {
        return codec;
    }
}
