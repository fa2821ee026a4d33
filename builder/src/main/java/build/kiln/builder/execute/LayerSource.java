package build.kiln.builder.execute;

import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/// Where the bytes of an image's layers can be had.
public interface LayerSource {

    /// The compressed layer's descriptor. Makes the blob if it is nowhere.
    Descriptor blob(LayerRef layer);

    /// The bytes of [#blob]. The caller closes the stream.
    InputStream open(LayerRef layer);

    /// How a compressed layer is called, and by which recipe it was packed.
    record Packed(String recipe, Descriptor blob) {}

    /// The same, with the recipe by which it is packed.
    Packed inImage(LayerRef.Made layer);

    /// A compressed form that there is already, whoever packed it; else one that is made.
    Packed packed(LayerRef.Made layer, Compressor compressor);

    /// The bytes of a form of the layer that one of the above has given. The caller closes the stream.
    InputStream open(LayerRef layer, Descriptor blob);

    /// Says that the layer's blob will be read to be copied to another registry. Whoever else wants it then reads it
    /// from
    /// the same pull.
    void announceCopy(LayerRef.Base layer);

    /// The repositories of which it is known that they have the blob.
    List<ImageReference> knownIn(LayerRef layer, Descriptor blob);

    /// As [#open(LayerRef, Descriptor)], but a blob in the cache is read before, unless this process has made it. One
    /// that is
    /// damaged is made anew.
    default InputStream openVerified(LayerRef layer, Descriptor blob) {
        return open(layer, blob);
    }

    /// The layer as an overlay directory; unpacks the layer if it is not.
    Path directory(LayerRef layer);

    /// The layer's table of contents.
    LayerIndex index(LayerRef layer);

    /// The content of one file of the layer; unpacks the layer if it is not.
    ///
    /// @throws IOException if the layer's directory cannot be opened
    FileContent content(LayerRef layer, LayerPath path, long sizeBytes) throws IOException;
}
