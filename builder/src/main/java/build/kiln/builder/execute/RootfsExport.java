package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.FileTree;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.layer.TreeEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The files of an image, its layers merged, without config and history.
public final class RootfsExport {

    private RootfsExport() {}

    /// Writes the files as one tar; the stream is not closed.
    public static void tar(BuiltImage image, OutputStream out) throws IOException {
        try (LayerWriter tar =
                LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.Exact(), List.of(out))) {
            write(image, tar);
            tar.finish();
        }
    }

    /// Writes the files into a folder, which has to be missing or empty.
    ///
    /// @throws RequestFailure `OutputFailed` if there is something in it
    public static void folder(BuiltImage image, Path folder) throws IOException {
        checkEmpty(folder);
        writeInto(image, folder);
    }

    /// Writes the files of each platform into a folder of its own: `linux_amd64`, `linux_arm_v7`.
    ///
    /// @throws RequestFailure `OutputFailed` if there is something in the folder above
    public static void folders(BuiltImages images, Path folder) throws IOException {
        checkEmpty(folder);
        for (BuiltImage image : images.images()) {
            Path own = folder.resolve(image.config().platform().toString().replace('/', '_'));
            Files.createDirectories(own);
            writeInto(image, own);
        }
    }

    static void checkEmpty(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
            if (content.iterator().hasNext()) {
                throw new RequestFailure(
                        Reason.OutputFailed,
                        "--output",
                        "the folder \"" + folder + "\" is not empty, and nothing was written.",
                        "Name a new folder, or empty this one.");
            }
        }
    }

    private static void writeInto(BuiltImage image, Path folder) throws IOException {
        try (LayerDirectory directory = LayerDirectory.open(folder, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            write(image, directory);
            directory.finish();
        }
    }

    private static void write(BuiltImage image, EntrySink sink) throws IOException {
        FileTree tree =
                FileTree.of(image.layers().stream().map(image.bytes()::index).toList());
        try {
            tree.walk(LayerPath.ROOT, entry -> {
                try {
                    write(image, entry, sink);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void write(BuiltImage image, TreeEntry entry, EntrySink sink) throws IOException {
        if (entry.path().isRoot()) {
            return;
        }
        switch (entry.entry()) {
            case LayerEntry.File file ->
                sink.addFile(
                        entry.path(),
                        file.attributes(),
                        image.bytes().content(image.layers().get(entry.layer()), entry.path(), file.sizeBytes()));
            case LayerEntry.Plain plain -> sink.add(plain);
        }
    }
}
