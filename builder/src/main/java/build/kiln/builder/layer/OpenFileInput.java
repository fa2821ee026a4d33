package build.kiln.builder.layer;

import build.kiln.builder.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;

/// A file as a stream; closes it.
final class OpenFileInput extends InputStream {

    private final OpenFile file;

    OpenFileInput(OpenFile file) {
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return file.read(one, 0, 1) == 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
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
