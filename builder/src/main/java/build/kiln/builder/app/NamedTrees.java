package build.kiln.builder.app;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.RemoteFiles;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.provenance.Material;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.FolderSource;
import build.kiln.builder.source.ReadFiles;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The named contexts that are files, each fetched when somebody first asks for it.
final class NamedTrees {

    private final Map<String, NamedFiles> files;
    private final Map<String, ReadFiles> read;
    private final Map<String, Supplier<SourceTree>> trees = new HashMap<>();
    private final Map<String, SourceTree> obtained = new ConcurrentSkipListMap<>();

    /// @param read takes what is read of each; empty if nobody wants to know
    /// @param work a folder that stays as long as the build runs
    NamedTrees(Map<String, NamedFiles> files, Map<String, ReadFiles> read, Path work, Progress progress) {
        this.files = files;
        this.read = read;
        for (Map.Entry<String, NamedFiles> one : files.entrySet()) {
            Path own = work.resolve(String.valueOf(trees.size()));
            trees.put(one.getKey(), new Once<>(() -> {
                SourceTree tree = one.getValue()
                        .obtain(WorkFolder.in(work, own.getFileName().toString()));
                tree.warnings().forEach(progress::warning);
                obtained.put(one.getKey(), tree);
                return tree;
            }));
        }
    }

    /// What COPY and mounts read. The `.dockerignore` of a folder holds for it.
    Map<String, Supplier<BuildContext>> contexts() {
        Map<String, Supplier<BuildContext>> all = new HashMap<>();
        trees.forEach((name, tree) -> all.put(name, new Once<>(() -> open(name, tree.get()))));
        return all;
    }

    private BuildContext open(String name, SourceTree tree) {
        boolean isFolder = files.get(name) instanceof NamedFiles(FolderSource _, var _);
        BuildFiles.Text rules = isFolder ? BuildFiles.ignoreFileIn(tree.root(), "the context \"" + name + "\"") : null;
        return BuildContext.openNamed(
                        tree.root(),
                        rules == null
                                ? DockerIgnore.NOTHING
                                : IgnoreFile.parse(rules.name(), rules.content().getBytes(StandardCharsets.UTF_8)),
                        name)
                .noting(read.get(name));
    }

    /// Those that were read.
    List<Material> materials() {
        List<Material> all = new ArrayList<>();
        obtained.forEach((name, tree) -> {
            switch (files.get(name)) {
                case NamedFiles(GitSource git, var _) ->
                    all.add(Material.of(Material.gitUri(git.url(), git.wanted().revision()), tree.revision()));
                case NamedFiles(HttpFile file, var _) ->
                    all.add(Material.of(
                            HttpFile.shown(file.url()), digestOf(tree.root().resolve("context"))));
                case null, default -> {
                    ReadFiles ofFolder = read.get(name);
                    if (ofFolder != null) {
                        ofFolder.dirHash().ifPresent(hash -> all.add(Material.files(name, hash)));
                    }
                }
            }
        });
        return all;
    }

    private static @Nullable String digestOf(Path file) {
        MessageDigest digest = Digest.sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
            return Digest.finish(digest).toString();
        } catch (IOException e) {
            return null;
        }
    }

    /// When the files of a context were changed, if it is one that says so.
    @Nullable
    Instant time(String name) {
        Supplier<SourceTree> tree = trees.get(name);
        NamedFiles named = files.get(name);
        return tree == null || named == null ? null : RemoteFiles.time(named.source(), tree.get());
    }
}
