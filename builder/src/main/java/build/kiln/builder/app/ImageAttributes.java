package build.kiln.builder.app;

import build.kiln.builder.layer.Compression;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an output says of the image itself.
///
/// @param names more of them than `--tag` gives
/// @param compression of new layers; null if the output does not say
/// @param epoch that no time in the image is later than; null if the output does not say
record ImageAttributes(
        List<String> names,
        @Nullable Compression compression,
        @Nullable Instant epoch,
        Annotations annotations) {

    static final List<String> KEYS = List.of(
            "type",
            "name",
            "dest",
            "compression",
            "oci-mediatypes",
            "rewrite-timestamp",
            "source-date-epoch",
            "annotation.KEY",
            "annotation-index.KEY",
            "annotation-index-descriptor.KEY",
            "annotation-manifest-descriptor.KEY");

    /// What BuildKit has, what else it may be set to without a change, and what to do instead.
    private record Refused(String key, List<String> harmless, String why) {}

    private static final List<String> OFF = List.of("false", "0", "");
    private static final List<String> ON = List.of("true", "1", "");
    private static final List<Refused> REFUSED = List.of(
            new Refused("oci-artifact", List.of("true", "1", "false", "0", ""), "a provenance is an artifact always"),
            new Refused("oci-mediatypes", ON, "Kiln writes the media types of OCI only; remove it"),
            new Refused(
                    "rewrite-timestamp",
                    ON,
                    "file times newer than the epoch are always set to it, so that the same"
                            + " inputs give the same image; remove it"),
            new Refused(
                    "compression-level",
                    List.of(),
                    "each compression has one level, so that the same inputs give" + " the same image; remove it"),
            new Refused("force-compression", OFF, "layers of the base image stay as they are; remove it"),
            new Refused("push-by-digest", OFF, "a push ends with its tag; push to a tag of its own"),
            new Refused("registry.insecure", OFF, "which registries may be plain HTTP stands in registries.conf"),
            new Refused("insecure", OFF, "which registries may be plain HTTP stands in registries.conf"),
            new Refused("unpack", OFF, "there is no image store to unpack into; remove it"),
            new Refused("store", OFF, "there is no image store; write type=oci,dest=FILE"),
            new Refused("name-canonical", OFF, "there is no image store; remove it"),
            new Refused("dangling-name-prefix", List.of(""), "there is no image store; remove it"),
            new Refused("buildinfo", OFF, "no builder writes it any more; remove it"),
            new Refused("attestation-inline", OFF, "a provenance is kept beside the image; remove it"),
            new Refused("attestation-prefix", List.of(""), "a provenance is kept beside the image; remove it"),
            new Refused(
                    "context",
                    List.of(),
                    "there is no Docker to load into; write dest=FILE, and then:" + " docker load --input FILE"),
            new Refused("prefer-nondist-layers", OFF, "layers are always pushed; remove it"));

    /// Takes the attributes out of `keys`.
    static ImageAttributes take(KeyValues keys) {
        REFUSED.forEach(one -> {
            String value = keys.take(one.key());
            if (value != null && !one.harmless().contains(value)) {
                throw keys.wrong(one.key() + "=" + value + " is not supported: " + one.why());
            }
        });
        String names = keys.takeOr("name", "");
        return new ImageAttributes(
                names.isEmpty() ? List.of() : Arrays.asList(names.split(",", -1)),
                compression(keys),
                epoch(keys),
                annotations(keys));
    }

    private static @Nullable Compression compression(KeyValues keys) {
        String word = keys.take("compression");
        return word == null ? null : Flags.compression("--output compression=", word);
    }

    private static @Nullable Instant epoch(KeyValues keys) {
        String seconds = keys.takeOr("source-date-epoch", "");
        if (seconds.isEmpty()) {
            return null;
        }
        try {
            return Instant.ofEpochSecond(Long.parseLong(seconds));
        } catch (NumberFormatException | DateTimeException e) {
            throw keys.wrong("source-date-epoch=" + seconds + " is not a number of seconds since 1970");
        }
    }

    private static Annotations annotations(KeyValues keys) {
        List<Annotations.One> all = new ArrayList<>();
        for (Map.Entry<String, String> entry :
                keys.takeStartingWith("annotation").entrySet()) {
            String name = entry.getKey().substring("annotation".length());
            int dot = name.indexOf('.');
            String level = dot < 0 ? "" : name.substring(0, dot);
            if (dot < 0 || dot == name.length() - 1) {
                throw keys.wrong("\"" + entry.getKey() + "\" names no annotation; write annotation.KEY=VALUE");
            }
            all.add(Annotations.read(
                    "--output " + entry.getKey() + "=" + entry.getValue(),
                    level.isEmpty() ? "manifest" : level.startsWith("[") ? "manifest" + level : level.substring(1),
                    name.substring(dot + 1),
                    entry.getValue()));
        }
        return new Annotations(all);
    }
}
