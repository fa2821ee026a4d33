package build.kiln.operator.flux;

import build.kiln.crds.FluxSource;

/// A source object of Flux.
public record FluxObject(String namespace, FluxSource.Kind kind, String name) {

    /// `GitRepository web`
    @Override
    public String toString() {
        return kind + " " + name;
    }
}
