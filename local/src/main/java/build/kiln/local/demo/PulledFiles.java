package build.kiln.local.demo;

import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerReader;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.PulledImage;
import build.kiln.builder.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/// An image as it came back from the registry, with every digest in it computed anew.
///
/// @param layers a folder each, the lowest first, as an overlay takes them
record PulledFiles(PulledImage image, List<Path> layers) {

    /// @throws DemoFailure if one digest is not what it should be
    static PulledFiles pull(Registry registry, ImageReference byDigest, Path folder, PrintStream out)
            throws IOException {
        Digest wanted = byDigest.digest();
        if (wanted == null) {
            throw new DemoFailure("The image " + byDigest + " is not named by a digest.");
        }
        compare("manifest", Digest.of(registry.resolve(byDigest).json()), wanted, out);
        PulledImage image = registry.image(byDigest, Platform.ofThisMachine());
        compare(
                "config",
                Digest.of(image.configJson()),
                image.manifest().config().digest(),
                out);
        List<Descriptor> blobs = image.manifest().layers();
        List<DiffId> diffIds = image.config().diffIds();
        if (blobs.size() != diffIds.size()) {
            throw new DemoFailure(
                    "The manifest has " + blobs.size() + " layers, and the config " + diffIds.size() + ".");
        }
        List<Path> layers = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            Path layer = Files.createDirectories(folder.resolve("layer-" + i));
            unpack(registry, byDigest, blobs.get(i), diffIds.get(i), layer, out);
            layers.add(layer);
        }
        return new PulledFiles(image, layers);
    }

    private static void unpack(
            Registry registry, ImageReference image, Descriptor blob, DiffId diffId, Path into, PrintStream out)
            throws IOException {
        MessageDigest hash = Digest.sha256();
        try (InputStream in = new DigestInputStream(registry.pull(image, blob), hash);
                LayerDirectory directory = LayerDirectory.open(into, OverlayXattrs.USER, Fidelity.EXACT)) {
            LayerReader.Unpacked unpacked = LayerReader.read(in, directory);
            directory.finish();
            in.transferTo(OutputStream.nullOutputStream());
            compare("layer", Digest.finish(hash), blob.digest(), out);
            compare("  diffID", unpacked.diffId().digest(), diffId.digest(), out);
        } catch (InvalidLayer e) {
            throw new DemoFailure("The layer " + blob.digest() + " is not sound: " + e.getMessage(), e);
        }
    }

    private static void compare(String what, Digest seen, Digest expected, PrintStream out) {
        if (!seen.equals(expected)) {
            throw new DemoFailure(
                    "The digest of the " + what.strip() + " is " + seen + " and should be " + expected + ".");
        }
        out.printf("  %-10s %s  ok%n", what, seen);
    }
}
