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
                case OutputOption.OciArchive(Path dest) -> file(dest, out -> OciArchive.write(built, names, out));
                case OutputOption.RootfsTar(Path dest) -> file(dest, out -> RootfsExport.tar(only(built), out));
                case OutputOption.LocalFolder(Path dest) -> RootfsExport.folder(only(built), dest);
                case OutputOption.RegistryPush _ -> {}
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

    private static BuiltImage only(BuiltImages built) {
        if (built.isIndex()) {
            throw new RequestFailure(
                    Reason.NotSupportedYet,
                    "--output",
                    "there are " + built.images().size() + " platforms, and Kiln exports the root file system of one.",
                    "Name one --platform, or use type=oci.");
        }
        return built.images().getFirst();
    }

    private static String describe(OutputOption output) {
        return switch (output) {
            case OutputOption.OciArchive(Path dest) -> "an OCI archive to " + place(dest);
            case OutputOption.RootfsTar(Path dest) -> "the root file system to " + place(dest);
            case OutputOption.LocalFolder(Path dest) -> "the root file system to " + dest;
            case OutputOption.RegistryPush _ -> "to a registry";
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
