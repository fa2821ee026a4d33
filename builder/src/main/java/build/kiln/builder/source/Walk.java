package build.kiln.builder.source;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/// One walk over what a source of a COPY stands for.
final class Walk {

    private final Beneath context;
    private final Listing listing;
    private final Selected source;
    private final BuildContext.Visitor visitor;

    /// Directories that are left out, in case that something below them is not.
    private final Deque<ContextFile> unseen = new ArrayDeque<>();

    Walk(Beneath context, Listing listing, Selected source, BuildContext.Visitor visitor) {
        this.context = context;
        this.listing = listing;
        this.source = source;
        this.visitor = visitor;
    }

    /// @throws IOException that the visitor has thrown
    void run() throws IOException {
        visitor.visit(source.file());
        if (source.isDirectory()) {
            descend(source.path(), Beneath.EMPTY);
        }
    }

    /// The names in a directory, in byte order.
    static List<Path> names(Path directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path one : stream) {
                names.add(one.getFileName());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }

    /// True if something in this directory, which the rules leave out, is kept.
    static boolean keepsSomething(Beneath context, DockerIgnore rules, Path directory) throws IOException {
        if (!rules.mayKeepBelow(directory.toString())) {
            return false;
        }
        for (Path name : names(context.location(directory))) {
            Path path = directory.resolve(name);
            if (!rules.ignores(path.toString())) {
                return true;
            }
            if (FileStat.of(context.location(path)).kind() == FileKind.DIRECTORY
                    && keepsSomething(context, rules, path)) {
                return true;
            }
        }
        return false;
    }

    private void descend(Path directory, Path below) throws IOException {
        for (Listing.Entry entry : listing.of(directory, source.place())) {
            Path path = directory.resolve(entry.name());
            Path relative = below.resolve(entry.name());
            boolean excluded = excludes(relative);
            if (excluded && !source.excludes().mayKeepBelow(relative.toString())) {
                continue;
            }
            boolean hidden = entry.ignored() || excluded;
            ContextFile file = ContextFile.of(context, path, relative, entry.stat());
            if (!hidden) {
                showUnseen();
                visitor.visit(file);
            }
            if (file.kind() == FileKind.DIRECTORY) {
                enter(file, path, hidden);
            }
        }
    }

    private boolean excludes(Path relative) {
        return source.excludes() != DockerIgnore.NOTHING && source.excludes().ignores(relative.toString());
    }

    private void enter(ContextFile directory, Path path, boolean hidden) throws IOException {
        if (!hidden) {
            descend(path, directory.path());
            return;
        }
        unseen.addLast(directory);
        descend(path, directory.path());
        unseen.pollLast(); // nothing is left to take if something below it was shown
    }

    private void showUnseen() throws IOException {
        Iterator<ContextFile> directories = unseen.iterator();
        while (directories.hasNext()) {
            visitor.visit(directories.next());
            directories.remove();
        }
    }
}
