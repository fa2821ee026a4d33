package build.kiln.builder.layer;

import java.util.Optional;
import java.util.function.Supplier;

/// Turns deflate data, piece by piece, into what was packed. Not for use by two threads at once, and closed by the
/// thread that opened it.
interface Unpacker extends AutoCloseable {

    /// The fastest one here.
    static Unpacker open() {
        Optional<Supplier<Unpacker>> fast = IsalUnpacker.find();
        return fast.isPresent() ? fast.get().get() : new ZlibUnpacker();
    }

    /// Begins with another deflate stream.
    void reset();

    /// Gives the next piece, when the last one is used up. It is not looked at after the next call of [#unpack] has
    /// asked for more, or has come to the end.
    void input(byte[] buffer, int start, int length);

    /// @return how many bytes were put into `into`; 0 at the end of the stream, and when there has to be more input
    /// @throws InvalidLayer if the data is damaged
    int unpack(byte[] into, int offset, int length) throws InvalidLayer;

    /// Whether the stream is at its end, and all that was in it has been given.
    boolean isFinished();

    /// How many bytes of the input are not part of the stream. Only after its end.
    int remaining();

    @Override
    void close();
}
