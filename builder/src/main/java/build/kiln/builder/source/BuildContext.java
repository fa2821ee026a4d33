package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.Beneath.Boundary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The files that a COPY, an ADD or a bind mount may read: a folder without what its rules leave out.
///
/// It never changes what is in the folder, and expects that nobody else does while the build runs.
public final class BuildContext {

    /// Takes each file of a walk, in order.
    @FunctionalInterface
    public interface Visitor {
        void visit(ContextFile file) throws IOException;
    }

    /// Whether the owners of files are part of what a COPY reads.
    public enum Owners {
        IGNORED,
        KEPT
    }

    private final Beneath folder;
    private final Listing listing;
    private final DockerIgnore rules;
    private final String name;
    private final Owners owners;
    private final @Nullable ReadFiles read;

    private BuildContext(Beneath folder, DockerIgnore rules, String name, Owners owners, @Nullable ReadFiles read) {
        this.folder = folder;
        this.listing = new Listing(folder, rules);
        this.rules = rules;
        this.name = name;
        this.owners = owners;
        this.read = read;
    }

    /// The build context proper. A path that climbs out of it is refused.
    ///
    /// @throws SourceFailure `SourceNotFound` if the folder is not there
    public static BuildContext open(Path root, DockerIgnore rules) {
        return open(root, rules, "the build context", Owners.IGNORED);
    }

    /// The same, of files whose owners may count.
    public static BuildContext open(Path root, DockerIgnore rules, Owners owners) {
        return open(root, rules, "the build context", owners);
    }

    /// A context of the user's own name (`--build-context NAME=DIR`).
    public static BuildContext openNamed(Path root, DockerIgnore rules, String name) {
        return open(root, rules, "the context \"" + name + "\"", Owners.IGNORED);
    }

    /// What an ADD has fetched.
    ///
    /// @param name as messages have it
    public static BuildContext ofRemote(Path root, String name) {
        return open(root, DockerIgnore.NOTHING, name, Owners.IGNORED);
    }

    /// The root file system of a stage or an image. As in a chroot, `..` goes no higher than its root.
    ///
    /// @param name as messages have it, for example `stage "build"`
    public static BuildContext ofRootFileSystem(Path root, String name) {
        return ofRootFileSystem(root, name, Owners.KEPT);
    }

    /// The same, where the disk may not have the owners.
    public static BuildContext ofRootFileSystem(Path root, String name, Owners owners) {
        return new BuildContext(new Beneath(real(root, name), Boundary.STAY), DockerIgnore.NOTHING, name, owners, null);
    }

    private static BuildContext open(Path root, DockerIgnore rules, String name, Owners owners) {
        return new BuildContext(new Beneath(real(root, name), Boundary.REFUSE), rules, name, owners, null);
    }

    /// The same, which tells what is read of it.
    ///
    /// @param files null if nobody wants to know
    public BuildContext noting(@Nullable ReadFiles files) {
        return new BuildContext(folder, rules, name, owners, files);
    }

    void wasRead(ContextFile file, @Nullable ContentDigest content) {
        if (read != null) {
            read.add(file, content);
        }
    }

    private static Path real(Path root, String name) {
        try {
            Path real = root.toRealPath();
            if (FileStat.of(real).kind() == FileKind.DIRECTORY) {
                return real;
            }
        } catch (IOException e) {
            throw notAFolder(root, name, e);
        }
        throw notAFolder(root, name, null);
    }

    private static SourceFailure notAFolder(Path root, String name, @Nullable IOException why) {
        return new SourceFailure(
                Reason.SourceNotFound,
                "",
                "The folder of " + name + ", \"" + root + "\", is not there or is not a folder.",
                "Name a folder that exists.",
                why);
    }

    /// The folder, without a link in its path.
    public Path root() {
        return folder.root();
    }

    /// The name of this context in messages.
    public String name() {
        return name;
    }

    /// Owners count in the file system of a stage, and in an archive. What comes from a folder belongs to root,
    /// whoever checked it out.
    public Owners owners() {
        return owners;
    }

    /// What one source of a COPY or ADD names, in byte order; links are followed.
    ///
    /// Wildcards may match nothing: then the list is empty. A directory stands for its whole content.
    ///
    /// @param pattern relative to the root of this context, whether it starts with a slash or not
    /// @param excludes what `--exclude` leaves out
    /// @param place the instruction that asks, `Dockerfile:14`
    /// @throws SourceFailure `FileNotFound`, `PathEscapes`, `SourceDenied`
    public List<Selected> select(String pattern, DockerIgnore excludes, String place) {
        return new Selection(folder, rules, name, pattern, excludes, place).selected();
    }

    /// Fails if a pattern without wildcards names nothing; with wildcards it may.
    ///
    /// @throws SourceFailure as [#select] does
    public void require(String pattern, String place) {
        if (!GoPattern.hasWildcards(pattern)) {
            var unused = select(pattern, DockerIgnore.NOTHING, place);
        }
    }

    /// Everything that the source stands for: itself first, then what is in it, each directory before its
    /// content and names in byte order.
    ///
    /// Nothing but the current directories' names is held in memory. Links below the source are not followed.
    ///
    /// @throws SourceFailure `SourceDenied`, `SourceUnavailable` if something cannot be read
    /// @throws IOException that the visitor has thrown
    public void walk(Selected source, Visitor visitor) throws IOException {
        new Walk(folder, listing, source, visitor).run();
    }

    /// The modification time of the newest file, link or directory in the context; empty if there is none.
    ///
    /// @throws SourceFailure `SourceDenied`, `SourceUnavailable` if something cannot be read
    public Optional<Instant> newestFileTime() {
        return Optional.ofNullable(newestFileTime(Beneath.EMPTY));
    }

    /// Null if nothing is shown below: then a directory that the rules leave out is not there either.
    private @Nullable Instant newestFileTime(Path directory) {
        Instant newest = null;
        for (Listing.Entry entry : listing.of(directory, name)) {
            Instant below =
                    entry.stat().kind() == FileKind.DIRECTORY ? newestFileTime(directory.resolve(entry.name())) : null;
            if (!entry.ignored() || below != null) {
                newest = later(newest, later(below, entry.stat().modified()));
            }
        }
        return newest;
    }

    private static Instant later(@Nullable Instant one, Instant other) {
        return one == null || other.isAfter(one) ? other : one;
    }
}
