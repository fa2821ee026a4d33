package build.kiln.builder.source;

import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The digest of what a COPY reads: names, kinds, modes, link targets, contents and extended attributes.
///
/// It is the same wherever the folder lies, whenever its files were written and whoever owns them (except in the
/// file system of a stage, where owners are copied too), and in whatever order and with how many threads they
/// are read.
public final class ContextDigest {

    private static final byte[] FORMAT = "kiln context 1\n".getBytes(StandardCharsets.UTF_8);

    private final FileDigests contents;
    private final int threads;

    public ContextDigest(FileDigests contents) {
        this(contents, Runtime.getRuntime().availableProcessors());
    }

    ContextDigest(FileDigests contents, int threads) {
        this.contents = contents;
        this.threads = threads;
    }

    /// The digest of a file's content, if this build has asked for it; null if it has not.
    public @Nullable Digest known(ContextFile file) {
        FileDigests.Read read = contents.known(file);
        ContentDigest content = read == null ? null : read.content();
        return content == null ? null : content.digest();
    }

    /// The extended attributes of a file that a COPY keeps, by name.
    public Map<String, byte[]> attributes(ContextFile file) throws IOException {
        FileDigests.Read read = contents.known(file);
        return read == null ? ExtendedAttributes.of(file) : read.attributes();
    }

    /// The digest of these sources, in their order.
    ///
    /// @throws build.kiln.builder.failure.SourceFailure `SourceDenied`, `SourceUnavailable`
    public Digest of(BuildContext context, List<Selected> sources) {
        return of(context, sources, new FileMarks.Collector());
    }

    /// As [#of(BuildContext, List)]; on the way it tells `listing` of each file.
    public Digest of(BuildContext context, List<Selected> sources, FileMarks.Collector listing) {
        FileHash hash = new FileHash(context.owners());
        hash.bytes(FORMAT);
        for (Selected source : sources) {
            // A directory's own name and mode are not copied, only what is in it.
            hash.bytes(source.isDirectory() ? new byte[0] : source.nameBytes());
            ReadAhead.Sink sink = (file, content) -> {
                hash.file(file, content);
                listing.add(file, content);
                context.wasRead(file, content.content());
            };
            try (ReadAhead files = new ReadAhead(contents, threads, sink)) {
                context.walk(source, file -> {
                    if (file.kind() != FileKind.DIRECTORY || !file.path().equals(Beneath.EMPTY)) {
                        files.add(file);
                    }
                });
                files.finish();
            } catch (IOException e) {
                throw Unreadable.failure(source.place(), source.file().location(), e);
            }
            hash.end();
        }
        return hash.digest();
    }
}
