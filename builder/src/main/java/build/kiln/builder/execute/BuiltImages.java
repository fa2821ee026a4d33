package build.kiln.builder.execute;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.MediaTypes;
import java.util.List;
import java.util.Map;

/// What a build made: one image, or one a platform under a common index.
///
/// @param images at least one, in the order in which the platforms were asked for
/// @param annotations of the index, if there is one
/// @param descriptorAnnotations of what names the index
public record BuiltImages(
        List<BuiltImage> images,
        Form form,
        Map<String, String> annotations,
        Map<String, String> descriptorAnnotations) {

    /// What a tag points to.
    public enum Form {
        /// The one image.
        MANIFEST,
        /// An index, also of one image.
        INDEX
    }

    public BuiltImages {
        images = List.copyOf(images);
        if (images.isEmpty()) {
            throw new IllegalArgumentException("a build makes at least one image");
        }
        if (form == Form.MANIFEST && images.size() > 1) {
            throw new IllegalArgumentException("several images need an index");
        }
    }

    public boolean isIndex() {
        return form == Form.INDEX;
    }

    /// What a tag points to: the index, or the manifest of the only image.
    public Descriptor descriptor() {
        if (!isIndex()) {
            return images.getFirst().descriptor();
        }
        byte[] json = index().toJson();
        return new Descriptor(MediaTypes.OCI_INDEX, Digest.of(json), json.length)
                .withAnnotations(descriptorAnnotations);
    }

    /// The bytes of [#descriptor].
    public byte[] json() {
        return isIndex() ? index().toJson() : images.getFirst().manifest().toJson();
    }

    /// The configs and all compressed layers together.
    public long sizeBytes() {
        return images.stream().mapToLong(BuiltImage::sizeBytes).sum();
    }

    /// The steps of all platforms.
    public List<FinishedStep> steps() {
        return images.stream().flatMap(image -> image.steps().stream()).toList();
    }

    private ImageIndex index() {
        return new ImageIndex(
                MediaTypes.OCI_INDEX,
                images.stream().map(BuiltImage::descriptor).toList(),
                annotations);
    }
}
