package build.kiln.builder.app;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `--output` asks for.
sealed interface OutputOption {

    /// An image as an OCI layout archive.
    ///
    /// @param dest the file; null for standard output
    record OciArchive(@Nullable Path dest) implements OutputOption {}

    /// The root file system as one tar.
    ///
    /// @param dest the file; null for standard output
    record RootfsTar(@Nullable Path dest) implements OutputOption {}

    /// The root file system as a folder.
    record LocalFolder(Path dest) implements OutputOption {}

    /// A push to the registries that the tags name.
    ///
    /// @param names more references than those of `-t`
    record RegistryPush(List<String> names) implements OutputOption {}

    /// @throws build.kiln.builder.failure.RequestFailure if the text is none of these
    static OutputOption parse(String text) {
        if (!text.contains("=")) {
            return text.equals("-") ? new RootfsTar(null) : new LocalFolder(Path.of(text));
        }
        KeyValues keys = KeyValues.parse("--output", text);
        String type = keys.takeOr("type", "local");
        return switch (type) {
            case "oci" -> {
                Path dest = dest(keys);
                String tar = keys.takeOr("tar", "true");
                if (!tar.equals("true")) {
                    throw keys.wrong("tar=" + tar + " is not supported yet; an OCI output is an archive");
                }
                ignoreTimes(keys);
                keys.nothingLeft(List.of("type", "dest", "tar"));
                yield new OciArchive(dest);
            }
            case "tar" -> {
                Path dest = dest(keys);
                keys.nothingLeft(List.of("type", "dest"));
                yield new RootfsTar(dest);
            }
            case "local" -> {
                Path dest = Path.of(keys.need("dest"));
                keys.nothingLeft(List.of("type", "dest"));
                yield new LocalFolder(dest);
            }
            case "registry", "image" -> {
                String name = keys.takeOr("name", "");
                String push = keys.takeOr("push", type.equals("registry") ? "true" : "false");
                if (!push.equals("true")) {
                    throw keys.wrong("an image that is not pushed has nowhere to go; add push=true");
                }
                keys.nothingLeft(List.of("type", "name", "push"));
                yield new RegistryPush(name.isEmpty() ? List.of() : List.of(name));
            }
            default -> throw keys.wrong("the type \"" + type + "\" is none of oci, tar, local and registry");
        };
    }

    private static @Nullable Path dest(KeyValues keys) {
        String dest = keys.need("dest");
        return dest.equals("-") ? null : Path.of(dest);
    }

    /// Kiln always rewrites times to the epoch; to ask for it changes nothing. To ask against it is refused.
    private static void ignoreTimes(KeyValues keys) {
        String rewrite = keys.takeOr("rewrite-timestamp", "true");
        if (!rewrite.equals("true")) {
            throw keys.wrong("rewrite-timestamp=" + rewrite + " is not supported: file times newer than the epoch are"
                    + " always set to it");
        }
    }
}
