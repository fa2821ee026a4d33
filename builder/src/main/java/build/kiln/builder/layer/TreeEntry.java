package build.kiln.builder.layer;

/// What a [FileTree] has at a path.
///
/// @param path canonical: no link leads to another place
/// @param entry a File, Directory, Symlink, Device or Fifo; of a hard link the file that it names, under this
/// path
/// @param layer number of the layer in the chain that it comes from, the lowest is 0; -1 for a directory that
/// layers
///     only imply
public record TreeEntry(LayerPath path, LayerEntry entry, int layer) {

    public boolean isDirectory() {
        return entry instanceof LayerEntry.Directory;
    }
}
