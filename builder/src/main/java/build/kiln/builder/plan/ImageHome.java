package build.kiln.builder.plan;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where an image's manifest and layers are.
public sealed interface ImageHome {

    /// In a registry.
    ///
    /// @param reference its digest is that of the manifest or index that the name led to
    record Repository(ImageReference reference) implements ImageHome {

        @Override
        public @Nullable Digest named() {
            return reference.digest();
        }

        @Override
        public String toString() {
            return reference.toString();
        }
    }

    /// In a folder of this machine, in the form of the OCI image layout.
    record LayoutFolder(Path folder, Digest named) implements ImageHome {

        @Override
        public String toString() {
            return "oci-layout://" + folder + "@" + named;
        }
    }

    /// What the image's name led to: a manifest or an index; null if nobody knows.
    @Nullable
    Digest named();
}
