/// From a changeset to a tar to a compressed blob with digest, diffID and size in one pass; and back, with
/// whiteouts.
///
/// Entries flow into an [build.kiln.builder.layer.EntrySink]: a `LayerWriter` makes a blob of them, a
/// `LayerDirectory`
/// an overlay directory. They come from a `Changeset` (what a RUN left), a `LayerReader` (a pulled blob) or
/// the caller
/// (a COPY). `MergedLayers` makes one plain directory of several layers. A `LayerIndex` remembers what is in a layer, a
/// `FileTree` merges those of a chain.
@NullMarked
package build.kiln.builder.layer;

import org.jspecify.annotations.NullMarked;
