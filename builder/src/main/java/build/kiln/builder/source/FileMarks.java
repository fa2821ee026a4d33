package build.kiln.builder.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The files that a COPY reads, each with a short mark of its mode and content: enough to name those that have changed
/// between two builds, and nothing that a cache key may rest on.
///
/// Directories are left out. Of more than [#MOST] files, those of one directory are taken together under its name,
/// which
/// then ends with a slash.
///
/// @param marks by the path in the context
public record FileMarks(SortedMap<String, Integer> marks) {

    public static final int MOST = 50_000;
    public static final FileMarks NONE = new FileMarks(new TreeMap<>());

    public FileMarks {
        marks = Collections.unmodifiableSortedMap(new TreeMap<>(marks));
    }

    /// Collects a listing while the files are read anyway. It keeps what is there already, and works only when it is
    /// asked.
    public static final class Collector {

        private final int most;
        private final List<Seen> seen = new ArrayList<>();
        private SortedMap<String, Integer> folded = new TreeMap<>();

        /// @param link the mark of a symbolic link's target; 0 for all else
        private record Seen(ContextFile file, FileDigests.@Nullable Read read, int link) {

            String path() {
                return file.rootPath().toString();
            }

            int mark() {
                ContentDigest content = read == null ? null : read.content();
                int what = link
                        + (content == null
                                ? (int) file.rdev()
                                : ByteBuffer.wrap(content.bytes()).getInt());
                if (read != null) {
                    for (Map.Entry<String, byte[]> attribute : read.attributes().entrySet()) {
                        what += attribute.getKey().hashCode() ^ Arrays.hashCode(attribute.getValue());
                    }
                }
                return what ^ (file.mode() << 16 | file.kind().ordinal());
            }
        }

        public Collector() {
            this(MOST);
        }

        Collector(int most) {
            this.most = most;
        }

        void add(ContextFile file, FileDigests.@Nullable Read read) throws IOException {
            if (file.kind() == FileKind.DIRECTORY) {
                return;
            }
            int link = file.kind() == FileKind.SYMLINK ? Arrays.hashCode(file.linkTargetBytes()) : 0;
            seen.add(new Seen(file, read, link));
            if (seen.size() == most) {
                fold();
            }
        }

        /// What was collected so far.
        public FileMarks listing() {
            if (!folded.isEmpty()) {
                fold();
                return new FileMarks(folded);
            }
            SortedMap<String, Integer> all = new TreeMap<>();
            seen.forEach(one -> all.put(one.path(), one.mark()));
            return new FileMarks(all);
        }

        private void fold() {
            for (Seen one : seen) {
                folded.merge(directory(one.path()), one.mark() * 31 + one.path().hashCode(), Integer::sum);
            }
            seen.clear();
            while (folded.size() > most) {
                SortedMap<String, Integer> above = new TreeMap<>();
                folded.forEach((name, mark) ->
                        above.merge(directory(name.substring(0, name.length() - 1)), mark, Integer::sum));
                folded = above;
            }
        }

        private static String directory(String path) {
            int slash = path.lastIndexOf('/');
            return slash < 0 ? "./" : path.substring(0, slash + 1);
        }
    }
}
