package build.kiln.local.apiserver.resource;

/// Which part of an object a write may change.
public enum Part {
    /// Everything but the status, where the kind has a status subresource.
    OBJECT(""),
    /// The status alone.
    STATUS("status");

    private final String subresource;

    Part(String subresource) {
        this.subresource = subresource;
    }

    /// As paths and managed fields name it; empty for the object itself.
    public String subresource() {
        return subresource;
    }
}
