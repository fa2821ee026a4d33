package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.failure.DockerfileFailure;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an ADD's source says of a git repository: `https://host/repo.git#revision:folder`, `git@host:repo?tag=v1`.
///
/// @param checksum the commit that it has to lead to; null if it does not say
/// @param keepGitDir null if it does not say
record GitAddress(@Nullable String checksum, @Nullable Boolean keepGitDir) {

    private static final Pattern SCHEME = Pattern.compile("([a-zA-Z0-9]+)://.*", Pattern.DOTALL);
    private static final Pattern SCP =
            Pattern.compile("[a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:(.*?)(?:\\?(.*?))?(?:#(.*))?", Pattern.DOTALL);
    private static final Set<String> FLAGS = Set.of("submodules", "keep-git-dir", "fetch-by-commit");
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    /// The repository that the source names; empty if it is a path or another kind of URL.
    ///
    /// @throws build.kiln.builder.failure.DockerfileFailure if it is a repository, and what it asks of it is wrong
    static Optional<GitAddress> parse(Origin origin, String source) {
        if (source.startsWith("./") || source.startsWith("../")) {
            return Optional.empty();
        }
        Matcher scp = SCP.matcher(source);
        Matcher url = SCHEME.matcher(source);
        if (url.matches()) {
            String scheme = url.group(1).toLowerCase(Locale.ROOT);
            String fragment = after(source, '#');
            String rest = source.substring(0, source.length() - (fragment.isEmpty() ? 0 : fragment.length() + 1));
            String query = after(rest, '?');
            String path = query.isEmpty() ? rest : rest.substring(0, rest.indexOf('?'));
            boolean repository = switch (scheme) {
                case "http", "https" -> path.endsWith(".git");
                case "ssh", "git" -> true;
                default -> false;
            };
            return repository ? Optional.of(read(origin, source, query, fragment)) : Optional.empty();
        }
        if (scp.matches()) {
            return Optional.of(read(
                    origin,
                    source,
                    scp.group(2) == null ? "" : scp.group(2),
                    scp.group(3) == null ? "" : scp.group(3)));
        }
        return Optional.empty();
    }

    private static String after(String text, char mark) {
        int at = text.indexOf(mark);
        return at < 0 ? "" : text.substring(at + 1);
    }

    private static GitAddress read(Origin origin, String source, String query, String fragment) {
        Reader reader = new Reader(origin, source, fragment);
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                reader.accept(
                        decode(equals < 0 ? pair : pair.substring(0, equals)),
                        decode(equals < 0 ? "" : pair.substring(equals + 1)));
            }
        }
        return reader.finish();
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /// Collects the query, and finds what contradicts itself.
    private static final class Reader {

        private final Origin origin;
        private final String source;
        private final Map<String, String> seen = new LinkedHashMap<>();
        private String revision;
        private String folder;
        private @Nullable String checksum;
        private @Nullable Boolean keepGitDir;

        Reader(Origin origin, String source, String fragment) {
            this.origin = origin;
            this.source = source.replaceFirst("//[^/@]*@", "//");
            int colon = fragment.indexOf(':');
            this.revision = colon < 0 ? fragment : fragment.substring(0, colon);
            this.folder = colon < 0
                    ? ""
                    : GuestPath.clean(fragment.substring(colon + 1)).substring(1);
        }

        void accept(String key, String value) {
            if (seen.put(key, value) != null) {
                throw wrong("has \"" + key + "\" twice");
            }
            if (value.isEmpty() && !FLAGS.contains(key)) {
                throw wrong("has \"" + key + "\" without a value");
            }
            switch (key) {
                case "ref" -> revision = only("revision", revision, value);
                case "subdir" -> folder = only("folder", folder, value);
                case "checksum", "commit" -> checksum = value;
                case "keep-git-dir" -> keepGitDir = flag(key, value);
                case "submodules", "fetch-by-commit" -> flag(key, value);
                case "mtime" -> {
                    if (!value.equals("checkout") && !value.equals("commit")) {
                        throw wrong("has mtime=" + value + ", which is neither \"checkout\" nor \"commit\"");
                    }
                }
                case "tag", "branch" -> {}
                default -> throw wrong("has \"" + key + "\", which does not exist");
            }
        }

        GitAddress finish() {
            String tag = seen.get("tag");
            if (tag != null) {
                revision = only("revision", revision, tag.startsWith("refs/tags/") ? tag : "refs/tags/" + tag);
            }
            String branch = seen.get("branch");
            if (branch != null) {
                if (tag != null) {
                    throw wrong("names a tag and a branch");
                }
                only("revision", revision, branch.startsWith("refs/heads/") ? branch : "refs/heads/" + branch);
            }
            return new GitAddress(checksum, keepGitDir);
        }

        private String only(String what, String before, String now) {
            if (!before.isEmpty() && !before.equals(now)) {
                throw wrong("names two " + what + "s, \"" + before + "\" and \"" + now + "\"");
            }
            return now;
        }

        private boolean flag(String key, String value) {
            if (value.isEmpty() || TRUE.contains(value)) {
                return true;
            }
            if (FALSE.contains(value)) {
                return false;
            }
            throw wrong("has " + key + "=" + value + ", which is neither true nor false");
        }

        private DockerfileFailure wrong(String what) {
            String shown = source.replaceFirst("\\?.*", "");
            return origin.failure(
                    "The repository " + shown + " " + what + ".", "Correct the part behind \"?\" or \"#\".");
        }
    }
}
