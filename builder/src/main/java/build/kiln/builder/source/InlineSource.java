package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.failure.SourceFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Files whose text stands in the build request.
///
/// Each has the mode 0644, or 0755 if its text starts with `#!`. All have the same old time, since nobody says
/// when they were written: equal texts give the equal image.
///
/// @param files text by path, in the order in which the user wrote them
/// @param place of the map, for example `spec.source.inline.files`
public record InlineSource(Map<String, String> files, String place) implements Source {

    public InlineSource {
        files = new LinkedHashMap<>(files);
    }

    @Override
    public SourceTree obtain(Path work) {
        check();
        try {
            TreeWriter tree = new TreeWriter(work, Instant.EPOCH);
            for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
                write(tree, PathBytes.relative(file.getKey()), file.getValue());
            }
            tree.finish();
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
        return new SourceTree(work, null, Instant.EPOCH, List.of());
    }

    private static void write(TreeWriter tree, Path path, String text) throws IOException {
        if (path.getParent() != null) {
            tree.directories(path.getParent());
        }
        var content = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        if (text.startsWith("#!")) {
            tree.executable(path, content);
        } else {
            tree.file(path, content);
        }
    }

    private void check() {
        files.keySet().forEach(this::checkForm);
        files.keySet().forEach(this::checkParents);
    }

    private void checkForm(String path) {
        List<String> names = List.of(path.split("/", -1));
        if (path.startsWith("/") || names.contains("..")) {
            throw new SourceFailure(
                    Reason.PathEscapes,
                    place,
                    "the path \"" + path + "\" " + (path.startsWith("/") ? "is absolute." : "climbs with \"..\"."),
                    "Write a path that starts at the root of the build context, for example \"src/main.c\".");
        }
        if (names.contains("") || names.contains(".") || path.indexOf('\0') >= 0) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    place,
                    "the path \"" + path.replace("\0", "\\0")
                            + "\" has an empty name, a \".\" or a NUL character in it.",
                    "Write it in its simplest form, for example \"src/main.c\".");
        }
    }

    private void checkParents(String path) {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String parent = path.substring(0, slash);
            if (files.containsKey(parent)) {
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        place,
                        "\"" + parent + "\" is a file, and a folder too, since there is \"" + path + "\".",
                        "Give one of them another name.");
            }
        }
    }
}
