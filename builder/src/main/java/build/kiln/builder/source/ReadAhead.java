package build.kiln.builder.source;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Reads files on several threads, a bounded number ahead, and hands on their digests in the order in which they
/// came.
final class ReadAhead implements AutoCloseable {

    /// Takes one file after the other.
    interface Sink {
        void take(ContextFile file, FileDigests.Read read) throws IOException;
    }

    private static final int MOST_FILES = 128;
    private static final long MOST_BYTES = 1 << 20;

    private record Batch(List<ContextFile> files, Future<List<FileDigests.Read>> reading) {}

    private final FileDigests contents;
    private final int threads;
    private final Sink sink;
    private final ExecutorService readers;
    private final Deque<Batch> ahead = new ArrayDeque<>();
    private List<ContextFile> filling = new ArrayList<>();
    private long fillingBytes;

    ReadAhead(FileDigests contents, int threads, Sink sink) {
        this.contents = contents;
        this.threads = threads;
        this.sink = sink;
        // Platform threads: reading files and hashing never waits for anything that a virtual one could step aside for.
        this.readers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("digest").daemon().factory());
    }

    void add(ContextFile file) throws IOException {
        filling.add(file);
        fillingBytes += file.sizeBytes();
        if (filling.size() == MOST_FILES || fillingBytes >= MOST_BYTES) {
            start();
        }
    }

    void finish() throws IOException {
        if (ahead.isEmpty()) {
            take(filling, read(filling)); // too little to be worth a thread
            return;
        }
        start();
        while (!ahead.isEmpty()) {
            takeFirst();
        }
    }

    /// Stops what still runs, after a failure.
    @Override
    public void close() {
        readers.shutdownNow();
    }

    private void start() throws IOException {
        List<ContextFile> files = filling;
        filling = new ArrayList<>();
        fillingBytes = 0;
        ahead.add(new Batch(files, readers.submit(() -> read(files))));
        while (ahead.size() > 2 * threads) {
            takeFirst();
        }
    }

    private List<FileDigests.Read> read(List<ContextFile> files) throws IOException {
        try (ContentHash hash = new ContentHash()) {
            List<FileDigests.Read> digests = new ArrayList<>(files.size());
            for (ContextFile file : files) {
                digests.add(contents.of(file, hash));
            }
            return Collections.unmodifiableList(digests);
        }
    }

    private void takeFirst() throws IOException {
        Batch batch = ahead.removeFirst();
        take(batch.files(), digests(batch));
    }

    private void take(List<ContextFile> files, List<FileDigests.Read> digests) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            sink.take(files.get(i), digests.get(i));
        }
    }

    private static List<FileDigests.Read> digests(Batch batch) throws IOException {
        try {
            return batch.reading().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlatformFailure(Reason.Interrupted, "", "The build was told to stop.", "", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException why -> throw why;
                case BuildFailure why -> throw why;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
