package build.kiln.builder.app;

import build.kiln.builder.dockerfile.words.NearestWord;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `--output` asks for.
sealed interface OutputOption {

    /// An image as a file that other programs read.
    ///
    /// @param dest the file or folder; null for standard output
    record ImageArchive(Form form, @Nullable Path dest, ImageAttributes image) implements OutputOption {}

    /// How an image is laid out.
    enum Form {
        /// An OCI layout in a tar.
        OCI,
        /// An OCI layout in a folder.
        OCI_FOLDER,
        /// What `docker load` reads: an OCI layout in a tar with Docker's list of images beside it.
        DOCKER
    }

    /// The root file system as one tar.
    ///
    /// @param dest the file; null for standard output
    record RootfsTar(@Nullable Path dest) implements OutputOption {}

    /// The root file system as a folder; of several platforms as one folder each.
    ///
    /// @param platformSplit whether the folders have the platforms' names
    record LocalFolder(Path dest, boolean platformSplit) implements OutputOption {}

    /// A push to the registries that the tags name.
    record RegistryPush(ImageAttributes image) implements OutputOption {}

    /// Nothing but what the cache keeps.
    record CacheOnly() implements OutputOption {}

    List<String> TYPES = List.of("oci", "docker", "tar", "local", "registry", "image", "cacheonly");

    /// @throws build.kiln.builder.failure.RequestFailure if the text is none of these
    static OutputOption parse(String text) {
        if (!text.contains("=")) {
            return text.equals("-")
                    ? new RootfsTar(null)
                    : TYPES.contains(text) && !text.equals("local")
                            ? parse("type=" + text)
                            : new LocalFolder(Path.of(text), false);
        }
        KeyValues keys = KeyValues.parse("--output", text);
        String type = keys.takeOr("type", "local");
        return switch (type) {
            case "oci" -> {
                boolean tar = keys.flag("tar", true);
                Path dest = dest(keys);
                if (!tar && dest == null) {
                    throw keys.wrong("a folder cannot be written to standard output; name another dest");
                }
                ImageAttributes image = image(keys);
                yield new ImageArchive(tar ? Form.OCI : Form.OCI_FOLDER, dest, image);
            }
            case "docker" -> docker(keys);
            case "tar" -> {
                Path dest = dest(keys);
                keys.nothingLeft(List.of("type", "dest"));
                yield new RootfsTar(dest);
            }
            case "local" -> {
                Path dest = Path.of(keys.need("dest"));
                boolean split = keys.flag("platform-split", false);
                keys.nothingLeft(List.of("type", "dest", "platform-split"));
                yield new LocalFolder(dest, split);
            }
            case "registry", "image" -> {
                if (!keys.flag("push", type.equals("registry"))) {
                    throw keys.wrong("an image that is not pushed has nowhere to go; add push=true");
                }
                yield new RegistryPush(image(keys));
            }
            case "cacheonly" -> {
                keys.nothingLeft(List.of("type"));
                yield new CacheOnly();
            }
            default ->
                throw keys.wrong("there is no type \"" + type + "\". "
                        + NearestWord.advice(type, TYPES, "The types are " + String.join(", ", TYPES)));
        };
    }

    private static OutputOption docker(KeyValues keys) {
        if (!keys.flag("tar", true)) {
            throw keys.wrong("tar=false is not supported for type=docker; write type=oci,tar=false");
        }
        if (!keys.has("dest")) {
            throw keys.wrong("there is no Docker here to load the image into; add dest=FILE, and then: docker load"
                    + " --input FILE");
        }
        Path dest = dest(keys);
        return new ImageArchive(Form.DOCKER, dest, image(keys));
    }

    private static ImageAttributes image(KeyValues keys) {
        ImageAttributes image = ImageAttributes.take(keys);
        keys.nothingLeft(ImageAttributes.KEYS);
        return image;
    }

    private static @Nullable Path dest(KeyValues keys) {
        String dest = keys.need("dest");
        return dest.equals("-") ? null : Path.of(dest);
    }
}
