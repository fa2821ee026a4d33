package build.kiln.bench.workload;

/// A base image of the bench.
public enum Base {
    /// The machine's static busybox.
    SMALL("small"),
    /// Busybox and 250 MB in 4,000 files, as a language's runtime.
    RUNTIME("runtime"),
    /// Busybox and the machine's gcc with all that it needs.
    COMPILER("compiler"),
    /// Busybox and an archive of 15,000 files, as a distribution's packages.
    PACKAGES("packages");

    private final String repository;

    Base(String name) {
        this.repository = "bench/base-" + name;
    }

    /// Its repository in the bench's registry; the tag is `1`.
    public String repository() {
        return repository;
    }
}
