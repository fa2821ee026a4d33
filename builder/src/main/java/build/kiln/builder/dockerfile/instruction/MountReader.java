package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.instruction.Mount.Sharing;
import build.kiln.builder.dockerfile.instruction.Mount.Type;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.failure.DockerfileFailure;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Collects the fields of one mount, in the order in which they are written: a key can depend on the type before it.
final class MountReader {

    private static final List<String> KEYS = List.of(
            "type",
            "from",
            "source",
            "target",
            "readonly",
            "id",
            "sharing",
            "required",
            "size",
            "mode",
            "uid",
            "gid",
            "src",
            "dst",
            "destination",
            "ro",
            "rw",
            "readwrite",
            "env");
    private static final long MAX_ID = 0xFFFF_FFFFL;

    private final Origin origin;
    private Type type = Type.BIND;
    private String from = "";
    private String source = "";
    private String target = "";
    private @Nullable Boolean readOnly;
    private long sizeBytes;
    private String id = "";
    private @Nullable Sharing sharing;
    private boolean required;
    private @Nullable String env;
    private @Nullable Integer mode;
    private @Nullable Long uid;
    private @Nullable Long gid;

    MountReader(Origin origin) {
        this.origin = origin;
    }

    /// A field without `=`.
    void word(String field) {
        switch (field.toLowerCase(Locale.ROOT)) {
            case "readonly", "ro" -> readOnly = true;
            case "readwrite", "rw" -> readOnly = false;
            case "required" -> {
                requireType("required", Type.SECRET, Type.SSH);
                required = true;
            }
            default ->
                throw origin.failure(
                        "--mount has the field \"" + field + "\", which has no value.",
                        "Write it as key=value. Only readonly, readwrite and required can stand alone.");
        }
    }

    void value(String key, String value, String field) {
        switch (key) {
            case "type" -> type = parseType(value);
            case "from" -> from = value;
            case "source", "src" -> source = value;
            case "target", "dst", "destination" -> target = value;
            case "readonly", "ro" -> readOnly = parseBoolean(key, value);
            case "readwrite", "rw" -> readOnly = !parseBoolean(key, value);
            case "required" -> {
                requireType(key, Type.SECRET, Type.SSH);
                required = parseBoolean(key, value);
            }
            case "size" -> {
                requireType(key, Type.TMPFS);
                sizeBytes = ByteCount.parse(value).orElseThrow(() -> wrong(key, value, "a size such as 64m or 1.5GiB"));
            }
            case "id" -> id = value;
            case "sharing" -> sharing = parseSharing(value);
            case "mode" -> mode = parseMode(value);
            case "uid" -> uid = parseId(key, value);
            case "gid" -> gid = parseId(key, value);
            case "env" -> env = value;
            default ->
                throw origin.failure(
                        "--mount has the key \"" + key + "\" (in \"" + field + "\"), which does not exist.",
                        NearestWord.advice(key, KEYS, "The keys are " + String.join(", ", KEYS) + "."));
        }
    }

    Mount finish() {
        if (type == Type.BIND || type == Type.TMPFS) {
            requireAbsent("mode", mode);
            requireAbsent("uid", uid);
            requireAbsent("gid", gid);
        }
        if (type == Type.SECRET) {
            checkSecret();
        }
        if (sharing != null && type != Type.CACHE) {
            throw notFor("sharing", "caches");
        }
        boolean writableByDefault = type == Type.CACHE || type == Type.TMPFS;
        return new Mount(
                type,
                from,
                source,
                target,
                readOnly != null ? readOnly : !writableByDefault,
                sizeBytes,
                id,
                sharing != null ? sharing : Sharing.SHARED,
                required,
                env,
                mode,
                uid,
                gid);
    }

    private void checkSecret() {
        if (!from.isEmpty()) {
            throw notFor("from", "bind mounts and caches");
        }
        if (sharing != null) {
            throw notFor("sharing", "caches");
        }
        if (source.isEmpty() && target.isEmpty() && id.isEmpty()) {
            throw origin.failure(
                    "--mount=type=secret does not say which secret.", "Add id=NAME, or target=PATH for a file.");
        }
        if (!source.isEmpty() && !id.isEmpty()) {
            throw origin.failure(
                    "--mount=type=secret has both id=" + id + " and source=" + source + ", which mean the same.",
                    "Remove one of them.");
        }
    }

    private Type parseType(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "bind" -> Type.BIND;
            case "cache" -> Type.CACHE;
            case "tmpfs" -> Type.TMPFS;
            case "secret" -> Type.SECRET;
            case "ssh" -> Type.SSH;
            default ->
                throw origin.failure(
                        "--mount has the type \"" + value + "\", which does not exist.",
                        NearestWord.advice(
                                value,
                                List.of("bind", "cache", "tmpfs", "secret", "ssh"),
                                "The types are bind, cache, tmpfs, secret and ssh."));
        };
    }

    private Sharing parseSharing(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "shared" -> Sharing.SHARED;
            case "private" -> Sharing.PRIVATE;
            case "locked" -> Sharing.LOCKED;
            default -> throw wrong("sharing", value, "shared, private or locked");
        };
    }

    private boolean parseBoolean(String key, String value) {
        return GoBoolean.parse(value).orElseThrow(() -> wrong(key, value, "true or false"));
    }

    private int parseMode(String value) {
        if (!value.matches("[0-7]+") || value.replaceFirst("^0+", "").length() > 10) {
            throw wrong("mode", value, "permission bits in octal, for example 0400");
        }
        return (int) Long.parseLong(value, 8);
    }

    private long parseId(String key, String value) {
        if (!value.matches("[0-9]+") || value.replaceFirst("^0+", "").length() > 10) {
            throw wrong(key, value, "a number");
        }
        long number = Long.parseLong(value);
        if (number > MAX_ID) {
            throw wrong(key, value, "a number up to " + MAX_ID);
        }
        return number;
    }

    private void requireType(String key, Type... allowed) {
        if (!List.of(allowed).contains(type)) {
            throw notFor(key, type == Type.TMPFS || allowed.length > 1 ? "secrets and SSH agents" : "tmpfs");
        }
    }

    private void requireAbsent(String key, @Nullable Object value) {
        if (value != null) {
            throw notFor(key, "caches, secrets and SSH agents");
        }
    }

    private DockerfileFailure notFor(String key, String types) {
        String name = type.name().toLowerCase(Locale.ROOT);
        return origin.failure(
                "--mount has " + key + ", which a mount of type " + name + " does not have.",
                "Only " + types + " have it. If that is what you meant, put the type before the key.");
    }

    private DockerfileFailure wrong(String key, String value, String expected) {
        return origin.failure(
                "--mount has " + key + "=" + value + ", which is not " + expected + ".", "Correct the value.");
    }
}
