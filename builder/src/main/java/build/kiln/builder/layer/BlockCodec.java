package build.kiln.builder.layer;

/// How blocks of a tar become a compressed blob: each block by itself, so that any number of threads gives the
/// same
/// bytes.
interface BlockCodec {

    /// Which bytes come out: two codecs of one name make the same blob of the same tar.
    String recipe();

    Compression compression();

    /// Size of every block but the last.
    int blockBytes();

    /// The most that a block can become.
    int maxPackedBytes();

    /// More threads than this are of no use: what comes after them is as busy.
    int maxThreads();

    /// What stands before the first block.
    byte[] head();

    /// What stands after the last block.
    ///
    /// @param crc32 of the whole tar
    /// @param tarBytes size of the whole tar
    byte[] tail(long crc32, long tarBytes);

    /// One for each thread, to be closed by it.
    Packer open();

    /// Compresses one block after the other.
    interface Packer extends AutoCloseable {

        /// @return the number of bytes written to `into`
        int pack(byte[] block, int length, byte[] into);

        @Override
        void close();
    }
}
