package build.kiln.builder.source;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileStatus;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.Resolution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.Objects;

/// The content of a file that was looked at before, and is still that file.
final class FileContentStream extends InputStream {

    private final OpenFile file;

    private FileContentStream(OpenFile file) {
        this.file = file;
    }

    static FileContentStream open(ContextFile file) throws IOException {
        try (Directory root = Directory.open(file.root())) {
            return open(root, file);
        }
    }

    /// @param root the file's, which may be closed before the file
    static FileContentStream open(Directory root, ContextFile file) throws IOException {
        OpenFile opened = root.openFile(PathBytes.of(file.rootPath()), Resolution.NO_LINKS);
        FileStatus now = opened.status();
        boolean same = now.inode() == file.identity().inode()
                && now.sizeBytes() == file.sizeBytes()
                && now.mtime().equals(file.modified());
        if (!same) {
            opened.close();
            throw new FileSystemException(
                    file.location().toString(), null, "it was changed while the build was reading it");
        }
        return new FileContentStream(opened);
    }

    /// The extended attributes that a COPY reads.
    Map<String, byte[]> attributes() throws IOException {
        return ExtendedAttributes.of(file);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        int count = file.read(into, offset, length);
        return count == 0 ? -1 : count;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
