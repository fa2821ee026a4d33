package build.kiln.builder.layer;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The bytes of a file that goes into a layer, opened when it is their turn.
public interface FileContent {

    /// Exactly as many as [#open] delivers; a file that shrinks in between fails the layer, of one that grows
    /// the first
    /// bytes count.
    long sizeBytes();

    /// The SHA-256 of the bytes, if it is known without reading them; null if it is not.
    default @Nullable Bytes sha256() {
        return null;
    }

    /// Whoever opens it closes it.
    InputStream open() throws IOException;

    static FileContent of(byte[] content) {
        return new FileContent() {
            @Override
            public long sizeBytes() {
                return content.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(content);
            }
        };
    }

    /// A file by its path, of which links are followed: the caller's own files.
    static FileContent of(Path file, long sizeBytes) {
        return new FileContent() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream open() throws IOException {
                return new OpenFileInput(OpenFile.read(NativePath.of(file)));
            }
        };
    }

    /// A file below `root`, reached without following any link. The directory stays open until the file has
    /// been read.
    static FileContent in(Directory root, LayerPath path, long sizeBytes) {
        return new FileContent() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream open() throws IOException {
                return new OpenFileInput(root.openFile(path.shared(), Resolution.NO_LINKS));
            }
        };
    }
}
