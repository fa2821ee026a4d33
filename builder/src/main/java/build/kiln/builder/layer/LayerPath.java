package build.kiln.builder.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Where something lies in a layer: the bytes of a path relative to the root, without `.`, `..`, or doubled
/// slashes.
///
/// The order is that of a walk which visits a directory's names in the order of their bytes: a directory, all
/// that is
/// below it, then its next sibling.
public final class LayerPath implements Comparable<LayerPath> {

    public static final LayerPath ROOT = new LayerPath(new byte[0]);

    private final byte[] path;
    private int hash;

    private LayerPath(byte[] path) {
        this.path = path;
    }

    /// Absolute or relative, both mean from the root.
    ///
    /// @throws IllegalArgumentException if it has a `..` or a NUL
    public static LayerPath of(String path) {
        return of(path.getBytes(StandardCharsets.UTF_8));
    }

    /// As [#of(String)], for names that are not UTF-8.
    public static LayerPath of(byte[] path) {
        byte[] normal = new byte[path.length];
        int length = 0;
        for (int start = 0; start < path.length; ) {
            int end = start;
            while (end < path.length && path[end] != '/') {
                if (path[end] == 0) {
                    throw new IllegalArgumentException("the path \"" + text(path) + "\" has a NUL byte");
                }
                end++;
            }
            int size = end - start;
            if (size == 2 && path[start] == '.' && path[start + 1] == '.') {
                throw new IllegalArgumentException("the path \"" + text(path) + "\" has a \"..\"");
            }
            if (size > 0 && !(size == 1 && path[start] == '.')) {
                if (length > 0) {
                    normal[length++] = '/';
                }
                System.arraycopy(path, start, normal, length, size);
                length += size;
            }
            start = end + 1;
        }
        return length == 0 ? ROOT : new LayerPath(Arrays.copyOf(normal, length));
    }

    /// Bytes that are known to be in normal form; kept, not copied.
    static LayerPath trusted(byte[] normal) {
        return normal.length == 0 ? ROOT : new LayerPath(normal);
    }

    public boolean isRoot() {
        return path.length == 0;
    }

    /// @return without leading slash; empty for the root
    public byte[] toBytes() {
        return path.clone();
    }

    /// The array itself, not to be changed.
    byte[] shared() {
        return path;
    }

    /// The last component; empty for the root.
    public byte[] name() {
        return Arrays.copyOfRange(path, lastSlash() + 1, path.length);
    }

    /// @return the root's parent is the root
    public LayerPath parent() {
        int slash = lastSlash();
        return slash < 0 ? ROOT : new LayerPath(Arrays.copyOf(path, slash));
    }

    private int lastSlash() {
        int at = path.length - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }

    /// The path of something in this directory, or deeper.
    ///
    /// @throws IllegalArgumentException if it has a `..` or a NUL
    public LayerPath resolve(byte[] relative) {
        return child(of(relative).path);
    }

    /// As [#resolve(byte[])].
    public LayerPath resolve(String relative) {
        return resolve(relative.getBytes(StandardCharsets.UTF_8));
    }

    /// As [#resolve(byte[])], for what is known to be in normal form.
    LayerPath child(byte[] relative) {
        if (isRoot()) {
            return trusted(relative);
        }
        if (relative.length == 0) {
            return this;
        }
        byte[] joined = Arrays.copyOf(path, path.length + 1 + relative.length);
        joined[path.length] = '/';
        System.arraycopy(relative, 0, joined, path.length + 1, relative.length);
        return new LayerPath(joined);
    }

    /// True for everything that is in `directory` at any depth, but not for itself.
    public boolean isBelow(LayerPath directory) {
        byte[] above = directory.path;
        if (above.length == 0) {
            return path.length > 0;
        }
        return path.length > above.length
                && path[above.length] == '/'
                && Arrays.equals(path, 0, above.length, above, 0, above.length);
    }

    /// This path seen from `directory`.
    ///
    /// @throws IllegalArgumentException if it is neither the directory nor below it
    public LayerPath relativeTo(LayerPath directory) {
        if (equals(directory)) {
            return ROOT;
        }
        if (!isBelow(directory)) {
            throw new IllegalArgumentException(this + " is not below " + directory);
        }
        return directory.isRoot()
                ? this
                : new LayerPath(Arrays.copyOfRange(path, directory.path.length + 1, path.length));
    }

    @Override
    public int compareTo(LayerPath other) {
        byte[] a = path;
        byte[] b = other.path;
        int at = Arrays.mismatch(a, b);
        if (at < 0) {
            return 0;
        }
        if (at == a.length || at == b.length) {
            return a.length - b.length;
        }
        int left = a[at] == '/' ? 0 : a[at] & 0xff;
        int right = b[at] == '/' ? 0 : b[at] & 0xff;
        return left - right;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerPath that && Arrays.equals(path, that.path);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(path);
            hash = known;
        }
        return known;
    }

    /// With a leading slash, as UTF-8 with replacement characters where it is not.
    @Override
    public String toString() {
        return "/" + text(path);
    }

    private static String text(byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }
}
