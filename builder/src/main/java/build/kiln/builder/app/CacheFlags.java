package build.kiln.builder.app;

import build.kiln.builder.execute.BuildJob;
import build.kiln.builder.execute.CacheTarget;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What `--cache-from` and `--cache-to` ask for.
final class CacheFlags {

    private static final String FROM = "--cache-from";
    private static final String TO = "--cache-to";

    /// Kinds of caches that other builders have.
    private static final Set<String> FOREIGN = Set.of("gha", "s3", "azblob", "local");

    private CacheFlags() {}

    /// @throws RequestFailure if a text asks for what Kiln does not have
    static CacheExchange parse(List<String> from, List<String> to, Compression compression) {
        List<ImageReference> imports = new ArrayList<>();
        from.forEach(text -> imports.add(source(text)));
        List<CacheExchange.Export> exports = new ArrayList<>();
        BuildJob.InlineCacheUse inline = BuildJob.InlineCacheUse.LEFT_OUT;
        for (String text : to) {
            KeyValues keys = keys(TO, text);
            if (type(keys, TO, text).equals("inline")) {
                keys.nothingLeft(List.of("type"));
                inline = BuildJob.InlineCacheUse.WRITTEN;
            } else {
                exports.add(target(keys, compression));
            }
        }
        return new CacheExchange(imports, exports, inline);
    }

    private static ImageReference source(String text) {
        KeyValues keys = keys(FROM, text);
        if (type(keys, FROM, text).equals("inline")) {
            throw keys.wrong("the cache within an image is read with type=registry,ref=IMAGE");
        }
        String ref = keys.need("ref");
        keys.nothingLeft(List.of("type", "ref"));
        return Flags.reference(FROM, ref);
    }

    private static CacheExchange.Export target(KeyValues keys, Compression compression) {
        String ref = keys.need("ref");
        String mode = keys.takeOr("mode", "min");
        String pack = keys.takeOr("compression", "");
        String onFailure = keys.takeOr("ignore-error", "false");
        // Kiln's cache is always an OCI image manifest: to ask for that changes nothing, to ask against it is refused.
        always(keys, "image-manifest");
        always(keys, "oci-mediatypes");
        keys.nothingLeft(
                List.of("type", "ref", "mode", "compression", "ignore-error", "image-manifest", "oci-mediatypes"));
        return new CacheExchange.Export(
                Flags.reference(TO, ref),
                switch (mode) {
                    case "min" -> CacheTarget.Mode.MIN;
                    case "max" -> CacheTarget.Mode.MAX;
                    default -> throw keys.wrong("the mode \"" + mode + "\" is neither min nor max");
                },
                switch (pack) {
                    case "" -> compression;
                    case "gzip" -> Compression.GZIP;
                    case "zstd" -> Compression.ZSTD;
                    case "uncompressed" -> Compression.NONE;
                    default ->
                        throw keys.wrong("the compression \"" + pack + "\" is none of gzip, zstd and uncompressed");
                },
                switch (onFailure) {
                    case "true" -> CacheTarget.OnFailure.WARN;
                    case "false" -> CacheTarget.OnFailure.FAIL;
                    default -> throw keys.wrong("ignore-error=" + onFailure + " is neither true nor false");
                });
    }

    private static void always(KeyValues keys, String key) {
        String value = keys.takeOr(key, "true");
        if (!value.equals("true")) {
            throw keys.wrong(key + "=" + value + " is not supported: Kiln's cache is always an OCI image manifest");
        }
    }

    /// A text without `=` is a reference.
    private static KeyValues keys(String flag, String text) {
        return KeyValues.parse(flag, text.contains("=") ? text : "type=registry,ref=" + text);
    }

    private static String type(KeyValues keys, String flag, String text) {
        String type = keys.takeOr("type", "registry");
        if (FOREIGN.contains(type)) {
            throw new RequestFailure(
                    Reason.NotSupportedYet,
                    flag + " " + text,
                    "Kiln has no cache of the type \"" + type + "\".",
                    "Use type=registry, or share the folder of --cache-dir.");
        }
        if (!type.equals("registry") && !type.equals("inline")) {
            throw keys.wrong("the type \"" + type + "\" is neither registry nor inline");
        }
        return type;
    }
}
