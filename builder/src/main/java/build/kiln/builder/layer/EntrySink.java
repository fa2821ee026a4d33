package build.kiln.builder.layer;

import java.io.IOException;

/// Where the entries of a layer go, in the order in which the layer has them: a directory before what is in
/// it, a file
/// before the hard links to it.
public interface EntrySink {

    void add(LayerEntry.Plain entry) throws IOException;

    /// Takes a file with its content, which has been read when this returns.
    void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException;
}
