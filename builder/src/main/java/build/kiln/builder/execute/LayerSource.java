package build.kiln.builder.execute;

import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.LayerIndex;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/// Where the bytes of an image's layers can be had.
public interface LayerSource {

    /// The compressed layer's descriptor. Makes the blob if it is nowhere.
    Descriptor blob(LayerRef layer);

    /// The bytes of [#blob]. The caller closes the stream.
    InputStream open(LayerRef layer);

    /// The layer's table of contents.
    LayerIndex index(LayerRef layer);

    /// The content of one file of the layer; unpacks the layer if it is not.
    ///
    /// @throws IOException if the layer's directory cannot be opened
    FileContent content(LayerRef layer, LayerPath path, long sizeBytes) throws IOException;
}
