package build.kiln.builder.layer;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Makes a layer's directory of the entries while they are written into its tar, so that the tar need not be read back
/// for it. The directory is as if it had been.
///
/// If the directory cannot be made, the tar can all the same.
public final class DirectoryBeside {

    private final LayerDirectory directory;
    private final Timestamps timestamps;
    private @Nullable IOException failure;
    private long leftOut;

    /// @param timestamps of the tar
    public DirectoryBeside(LayerDirectory directory, Timestamps timestamps) {
        this.directory = directory;
        this.timestamps = timestamps;
    }

    private interface Action {
        void run() throws IOException;
    }

    /// Hands on all entries to the tar.
    public EntrySink before(EntrySink tar) {
        return new EntrySink() {
            @Override
            public void add(LayerEntry.Plain entry) throws IOException {
                tar.add(entry);
                beside(() -> directory.add(timestamps.of(entry)));
            }

            @Override
            public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
                try (Copied copied = new Copied(path, content)) {
                    tar.addFile(path, attributes, copied);
                    copied.finish(timestamps.of(attributes));
                }
            }
        };
    }

    private void beside(Action action) {
        if (failure == null) {
            try {
                action.run();
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    /// Ends the directory.
    ///
    /// @return why there is none; null if it is whole
    public @Nullable IOException finish() {
        beside(() -> leftOut = directory.finish());
        return failure;
    }

    /// Whether the directory that was ended has all that the tar has, so that it does in its place.
    public boolean isExact() {
        return failure == null && leftOut == 0;
    }

    /// What whoever reads the file's content reads, goes into the directory's file, too.
    private final class Copied implements FileContent, AutoCloseable {

        private final FileContent content;
        private LayerDirectory.@Nullable NewFile file;

        Copied(LayerPath path, FileContent content) {
            this.content = content;
            beside(() -> file = directory.newFile(path));
        }

        @Override
        public long sizeBytes() {
            return content.sizeBytes();
        }

        @Override
        public @Nullable Bytes sha256() {
            return content.sha256();
        }

        @Override
        public InputStream open() throws IOException {
            InputStream in = content.open();
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int count = in.read(into, offset, length);
                    if (count > 0) {
                        write(into, offset, count);
                    }
                    return count;
                }

                @Override
                public void close() throws IOException {
                    in.close();
                }
            };
        }

        private void write(byte[] bytes, int offset, int length) {
            LayerDirectory.NewFile to = file;
            if (to != null) {
                beside(() -> to.write(bytes, offset, length));
            }
        }

        void finish(Attributes attributes) {
            LayerDirectory.NewFile to = file;
            if (to != null) {
                beside(() -> to.finish(attributes));
            }
        }

        @Override
        public void close() {
            LayerDirectory.NewFile to = file;
            if (to != null) {
                beside(to::close);
            }
        }
    }
}
