package build.kiln.builder.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes that do not change and are equal by content: a symbolic link's target, an extended attribute's value.
public final class Bytes {

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    public static Bytes of(byte[] content) {
        return new Bytes(content.clone());
    }

    public static Bytes of(String utf8) {
        return new Bytes(utf8.getBytes(StandardCharsets.UTF_8));
    }

    /// Keeps the array itself, which nobody else may hold.
    static Bytes owning(byte[] content) {
        return new Bytes(content);
    }

    public byte[] toArray() {
        return content.clone();
    }

    /// The array itself, not to be changed.
    byte[] shared() {
        return content;
    }

    public int length() {
        return content.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /// As UTF-8, with replacement characters where it is not.
    @Override
    public String toString() {
        return new String(content, StandardCharsets.UTF_8);
    }
}
