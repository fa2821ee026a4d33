package build.kiln.builder.app;

import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The annotations of an image's documents. Of two for the same key, the last one counts.
record Annotations(List<One> all) {

    private static final Pattern LEVEL = Pattern.compile("([a-z-]+)(?:\\[(.+)])?");

    Annotations {
        all = List.copyOf(all);
    }

    /// Which document.
    enum Level {
        MANIFEST("manifest"),
        INDEX("index"),
        MANIFEST_DESCRIPTOR("manifest-descriptor"),
        INDEX_DESCRIPTOR("index-descriptor");

        private final String word;

        Level(String word) {
            this.word = word;
        }

        static List<String> words() {
            return Arrays.stream(values()).map(level -> level.word).toList();
        }
    }

    /// @param platform whose image gets it; null for all of them
    record One(Level level, @Nullable Platform platform, String key, String value) {}

    /// Of the predefined annotations that images have, those that all of them have alike, for their index.
    static Map<String, String> commonPredefined(List<ImageManifest> images) {
        Map<String, String> common = new TreeMap<>(images.getFirst().annotations());
        common.keySet().retainAll(Origins.PREDEFINED);
        images.forEach(image -> common.entrySet().retainAll(image.annotations().entrySet()));
        return common;
    }

    /// Of every manifest.
    static Annotations ofManifests(Map<String, String> all) {
        return new Annotations(all.entrySet().stream()
                .map(one -> new One(Level.MANIFEST, null, one.getKey(), one.getValue()))
                .toList());
    }

    /// `[LEVEL[\[PLATFORM\]][,LEVEL…]:]KEY=VALUE` each.
    ///
    /// @throws RequestFailure if a text is not of that form
    static Annotations parse(List<String> texts) {
        List<One> all = new ArrayList<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals <= 0) {
                throw wrong(text, "it is not of the form KEY=VALUE.", "Write --annotation KEY=VALUE.");
            }
            String name = text.substring(0, equals);
            int colon = name.lastIndexOf(':');
            String levels = colon < 0 ? "manifest" : name.substring(0, colon);
            for (String level : levels.split(",", -1)) {
                all.add(read("--annotation " + text, level, name.substring(colon + 1), text.substring(equals + 1)));
            }
        }
        return new Annotations(all);
    }

    /// One annotation.
    ///
    /// @param place for messages
    /// @param level `manifest`, `index[linux/amd64]` and the like
    static One read(String place, String level, String key, String value) {
        Matcher matcher = LEVEL.matcher(level);
        if (!matcher.matches()) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    place,
                    "\"" + level + "\" names no document.",
                    "The documents are " + String.join(", ", Level.words()) + ".");
        }
        String platform = matcher.group(2);
        for (Level one : Level.values()) {
            if (one.word.equals(matcher.group(1))) {
                if (platform != null && one.word.startsWith("index")) {
                    throw new RequestFailure(
                            Reason.RequestInvalid,
                            place,
                            "an index is for all platforms, and \"" + level + "\" names one.",
                            "Write " + one.word + ".");
                }
                return new One(one, platform == null ? null : Platform.parse(platform), key, value);
            }
        }
        throw new RequestFailure(
                Reason.RequestInvalid,
                place,
                "there is no document \"" + level + "\" to annotate.",
                NearestWord.advice(
                        level, Level.words(), "The documents are " + String.join(", ", Level.words()) + "."));
    }

    Annotations and(Annotations more) {
        List<One> both = new ArrayList<>(all);
        both.addAll(more.all);
        return new Annotations(both);
    }

    /// What a document gets; `platform` is null for an index.
    Map<String, String> of(Level level, @Nullable Platform platform) {
        Map<String, String> found = new TreeMap<>();
        for (One one : all) {
            Platform only = one.platform();
            if (one.level() == level && (only == null || only.equals(platform))) {
                found.put(one.key(), one.value());
            }
        }
        return found;
    }

    /// @throws RequestFailure if an index is annotated, and there is only one platform and so no index
    void checkForOnePlatform() {
        for (One one : all) {
            if (one.level().word.startsWith("index")) {
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        "--annotation " + one.level().word + ":" + one.key() + "=" + one.value(),
                        "the build is for one platform, and so there is no index.",
                        "Annotate the manifest, or name several platforms.");
            }
        }
    }

    private static RequestFailure wrong(String text, String fact, String advice) {
        return new RequestFailure(Reason.RequestInvalid, "--annotation " + text, fact, advice);
    }
}
