package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// The keys of a ConfigMap that the kubelet has mounted, as plain files.
///
/// Each has the mode 0644, or 0755 if it starts with `#!`. All have the same old time: equal contents give the equal
/// image, whenever they were mounted.
///
/// @param mount where it is mounted
/// @param name of the ConfigMap, for messages
/// @param place of the name, for example `spec.source.configMap`
public record ConfigMapSource(Path mount, String name, String place) implements Source {

    /// The kubelet's link to the folder with the content of one moment; all keys are links into it.
    private static final String MOMENT = "..data";

    @Override
    public SourceTree obtain(Path work) {
        List<Path> keys = keys();
        if (keys.isEmpty()) {
            throw new SourceFailure(
                    Reason.SourceNotFound,
                    place,
                    "there is no ConfigMap \"" + name + "\" in the namespace, or it is empty.",
                    "Create it with: kubectl create configmap " + name + " --from-file=FOLDER");
        }
        try {
            TreeWriter tree = new TreeWriter(work, Instant.EPOCH);
            for (Path key : keys) {
                try (InputStream content = Files.newInputStream(key)) {
                    if (isScript(key)) {
                        tree.executable(key.getFileName(), content);
                    } else {
                        tree.file(key.getFileName(), content);
                    }
                }
            }
            tree.finish();
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
        return new SourceTree(work, null, Instant.EPOCH, List.of());
    }

    /// All of one moment, whatever the kubelet writes meanwhile.
    private List<Path> keys() {
        try {
            Path moment = mount.resolve(MOMENT);
            Path folder = Files.isDirectory(moment) ? moment.toRealPath() : mount;
            try (Stream<Path> files = Files.list(folder)) {
                return files.filter(file -> !file.getFileName().toString().startsWith(".."))
                        .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                        .sorted()
                        .toList();
            }
        } catch (IOException e) {
            throw Unreadable.failure(place, mount, e);
        }
    }

    private static boolean isScript(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return content.read() == '#' && content.read() == '!';
        }
    }
}
