package build.kiln.builder.snapshot;

/// How the files of several layers come together.
public enum Form {
    /// In an overlay: nothing is copied, and what a process changes lies apart.
    MOUNTED,
    /// In a tree of their own, where nothing can be mounted. What a process has changed is found by comparing.
    UNPACKED
}
