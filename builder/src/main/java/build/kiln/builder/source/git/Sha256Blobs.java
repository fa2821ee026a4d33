package build.kiln.builder.source.git;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The contents of files in a repository, asked for one after the other from one process of git.
final class Sha256Blobs implements AutoCloseable {

    private static final int MOST_LINK_BYTES = 4096;

    private final Process process;
    private final OutputStream questions;
    private final InputStream answers;

    /// Takes a file's bytes.
    interface Sink {
        void write(Path path, InputStream content) throws IOException;
    }

    Sha256Blobs(GitProgram git) throws IOException {
        process = git.start("cat-file", "--batch");
        questions = process.getOutputStream();
        answers = new BufferedInputStream(process.getInputStream(), 1 << 16);
    }

    void read(String id, Path path, LargeFilePointers pointers, Sink sink) throws IOException {
        long size = ask(id);
        InputStream content = new BufferedInputStream(new Answer(answers, size));
        pointers.look(path, size, content);
        sink.write(path, content);
        end();
    }

    byte[] link(String id) throws IOException {
        long size = ask(id);
        if (size > MOST_LINK_BYTES) {
            throw new IOException("a symbolic link of " + size + " bytes");
        }
        byte[] target = answers.readNBytes((int) size);
        end();
        return target;
    }

    /// @return how many bytes follow
    private long ask(String id) throws IOException {
        questions.write((id + "\n").getBytes(StandardCharsets.US_ASCII));
        questions.flush();
        StringBuilder line = new StringBuilder();
        for (int c = answers.read(); c != '\n'; c = answers.read()) {
            if (c < 0) {
                throw new IOException("git ended before it answered");
            }
            line.append((char) c);
        }
        String[] words = line.toString().split(" ");
        if (words.length != 3 || !words[1].equals("blob")) {
            throw new IOException("git has no content for the object " + id);
        }
        return Long.parseLong(words[2]);
    }

    private void end() throws IOException {
        if (answers.read() != '\n') {
            throw new IOException("git sent something else than was asked for");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /// So many bytes of a stream, which stays open.
    private static final class Answer extends FilterInputStream {

        private long left;

        Answer(InputStream in, long sizeBytes) {
            super(in);
            left = sizeBytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = super.read(into, from, (int) Math.min(length, left));
            if (count < 0) {
                throw new IOException("git ended within a file");
            }
            left -= count;
            return count;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        @Override
        public void close() {}
    }
}
