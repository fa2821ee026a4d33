package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.Tool;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Large blobs in a heap that is much smaller than they are.
class StreamingIT {

    private static final int PIECES = 300;

    @Test
    void blobOf300MebibytesPassesThroughAHeapOf40(@TempDir Path folder) throws Exception {
        try (DockerRegistry server = DockerRegistry.plain(folder);
                DockerRegistry second = DockerRegistry.plain(folder.resolve("second"))) {
            String said = Tool.run(
                    folder,
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx40m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    StreamingIT.class.getName(),
                    server.host() + "/big/blob",
                    second.host() + "/big/blob");
            assertThat(said).contains("stored, pushed, copied and pulled 314572800 bytes");
        }
    }

    /// The part with the small heap.
    public static void main(String[] names) throws Exception {
        ImageReference first = ImageReference.parse(names[0]);
        ImageReference second = ImageReference.parse(names[1]);
        byte[] piece = new byte[1 << 20];
        new Random(1).nextBytes(piece);
        MessageDigest hash = Digest.sha256();
        try (Registry registry = Registry.open(FaultsTest.QUICK)) {
            BlobUpload upload = registry.upload(first);
            for (int i = 0; i < PIECES; i++) {
                upload.send(new ByteArrayInputStream(piece));
                hash.update(piece);
            }
            Descriptor blob = new Descriptor(MediaTypes.OCI_LAYER, Digest.finish(hash), (long) PIECES * piece.length);
            if (!(upload.finish(blob) instanceof UploadOutcome.Stored)) {
                throw new AssertionError("the live upload broke");
            }
            registry.push(ImageReference.parse(names[1] + "2"), blob, List.of(), () -> registry.pull(first, blob));
            registry.copy(first, second, blob);
            try (InputStream in = registry.pull(second, blob)) {
                long count = in.transferTo(OutputStream.nullOutputStream());
                System.out.println("stored, pushed, copied and pulled " + count + " bytes");
            }
        }
    }
}
