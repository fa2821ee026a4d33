package build.kiln.builder.app;

import build.kiln.builder.execute.BuiltImage;
import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.execute.OciArchive;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.RootfsExport;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.ImageReference;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Writes a finished image to where `--output` wants it. A file appears whole or not at all.
final class Outputs {

    private Outputs() {}

    static void write(
            OutputOption output, BuiltImages built, List<ImageReference> names, Progress progress, Clock clock) {
        Progress.Activity activity = progress.start("exporting " + describe(output));
        Instant start = clock.instant();
        try {
            switch (output) {
                case OutputOption.ImageArchive(OutputOption.Form form, Path dest, ImageAttributes _) ->
                    archive(form, dest, built, names);
                case OutputOption.RootfsTar(Path dest) -> file(dest, out -> RootfsExport.tar(only(built), out));
                case OutputOption.LocalFolder(Path dest, boolean split) -> {
                    if (split || built.isIndex()) {
                        RootfsExport.folders(built, dest);
                    } else {
                        RootfsExport.folder(only(built), dest);
                    }
                }
                case OutputOption.RegistryPush _, OutputOption.CacheOnly _ -> {}
            }
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
        } catch (BuildFailure e) {
            activity.failed(e.getMessage());
            throw e;
        } catch (IOException e) {
            RequestFailure failure = new RequestFailure(
                    Reason.OutputFailed,
                    "--output",
                    "the result could not be written: " + e + ".",
                    "Name a place that can be written and has room.",
                    e);
            activity.failed(String.valueOf(failure.getMessage()));
            throw failure;
        }
    }

    private static void archive(
            OutputOption.Form form, @Nullable Path dest, BuiltImages built, List<ImageReference> names)
            throws IOException {
        switch (form) {
            case OCI -> file(dest, out -> OciArchive.tar(built, names, out));
            case DOCKER -> file(dest, out -> OciArchive.dockerTar(built, names, out));
            case OCI_FOLDER -> OciArchive.folder(built, names, Objects.requireNonNull(dest));
        }
    }

    private static BuiltImage only(BuiltImages built) {
        if (built.isIndex()) {
            throw new RequestFailure(
                    Reason.NotSupportedYet,
                    "--output",
                    built.images().size() > 1
                            ? "there are " + built.images().size()
                                    + " platforms, and Kiln exports the root file system of one."
                            : "BUILDKIT_MULTI_PLATFORM asks for a folder for each platform, and Kiln exports the root"
                                    + " file system of one.",
                    "Name one --platform, or use type=local or type=oci.");
        }
        return built.images().getFirst();
    }

    private static String describe(OutputOption output) {
        return switch (output) {
            case OutputOption.ImageArchive archive ->
                switch (archive.form()) {
                            case OCI -> "an OCI archive to ";
                            case OCI_FOLDER -> "an OCI layout to ";
                            case DOCKER -> "an archive for Docker to ";
                        }
                        + place(archive.dest());
            case OutputOption.RootfsTar(Path dest) -> "the root file system to " + place(dest);
            case OutputOption.LocalFolder(Path dest, boolean _) -> "the root file system to " + dest;
            case OutputOption.RegistryPush _ -> "to a registry";
            case OutputOption.CacheOnly _ -> "nothing";
        };
    }

    private static String place(@Nullable Path dest) {
        return dest == null ? "standard output" : dest.toString();
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static void file(@Nullable Path dest, Writing writing) throws IOException {
        if (dest == null) {
            try (OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out))) {
                writing.to(out);
            }
            return;
        }
        Path whole = dest.toAbsolutePath();
        Path parent = whole.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path aside = whole.resolveSibling(
                whole.getFileName() + ".part-" + ProcessHandle.current().pid());
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(aside))) {
                writing.to(out);
            }
            Files.move(aside, whole, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }
}
