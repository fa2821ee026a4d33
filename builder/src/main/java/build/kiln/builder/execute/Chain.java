package build.kiln.builder.execute;

import build.kiln.builder.oci.DiffId;
import java.util.ArrayList;
import java.util.List;

/// The layers that a stage has so far, the lowest first.
record Chain(List<LayerRef> layers) {

    static final Chain EMPTY = new Chain(List.of());

    Chain {
        layers = List.copyOf(layers);
    }

    Chain plus(LayerRef layer) {
        List<LayerRef> more = new ArrayList<>(layers);
        more.add(layer);
        return new Chain(more);
    }

    List<DiffId> diffIds() {
        return layers.stream().map(LayerRef::diffId).toList();
    }
}
