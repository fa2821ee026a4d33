package build.kiln.builder.plan;

import build.kiln.builder.failure.ShownUrl;
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

/// A git repository as one text names it, with what is wanted of it: `https://host/repo.git#revision:folder`,
/// `git@host:repo?tag=v1&subdir=docs`.
///
/// @param url of the repository alone, without query and fragment; may hold a user and a password
/// @param revision a branch, a tag, a commit or a full name (`refs/…`); empty for the repository's HEAD
/// @param folder below the repository's root, without a slash at its ends; empty for all of it
/// @param checksum how the commit's id has to begin; null if the text does not say
/// @param keepGitDir null if the text does not say
/// @param submodules null if the text does not say
public record GitReference(
        String url,
        String revision,
        String folder,
        @Nullable String checksum,
        @Nullable Boolean keepGitDir,
        @Nullable Boolean submodules) {

    private static final Pattern SCHEME = Pattern.compile("([a-zA-Z0-9]+)://.*", Pattern.DOTALL);
    private static final Pattern SCP =
            Pattern.compile("([a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:.*?)(?:\\?(.*?))?(?:#(.*))?", Pattern.DOTALL);
    private static final Pattern WHOLE_ID = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Set<String> FLAGS = Set.of("submodules", "keep-git-dir", "fetch-by-commit");
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    /// What a text asks of a repository contradicts itself or does not exist.
    public static final class Malformed extends Exception {

        private Malformed(String fact) {
            super(fact);
        }
    }

    /// The repository that the text names; empty if it is a path or another kind of URL. One on this machine
    /// (`file://`) is a repository like the others: whether it may be read is for the caller to say.
    ///
    /// @throws Malformed if it is a repository, and what it asks of it is wrong; the message is a part of
    ///     a sentence, behind "The repository …", and has neither user-info nor query
    public static Optional<GitReference> parse(String text) throws Malformed {
        if (text.startsWith("./") || text.startsWith("../")) {
            return Optional.empty();
        }
        Matcher scp = SCP.matcher(text);
        Matcher url = SCHEME.matcher(text);
        if (url.matches()) {
            String fragment = after(text, '#');
            String rest = before(text, '#');
            String query = after(rest, '?');
            String bare = before(rest, '?');
            boolean repository = switch (url.group(1).toLowerCase(Locale.ROOT)) {
                case "http", "https", "file" -> bare.endsWith(".git");
                case "ssh", "git" -> true;
                default -> false;
            };
            return repository ? Optional.of(read(bare, query, fragment)) : Optional.empty();
        }
        if (scp.matches()) {
            return Optional.of(read(
                    scp.group(1), scp.group(2) == null ? "" : scp.group(2), scp.group(3) == null ? "" : scp.group(3)));
        }
        return Optional.empty();
    }

    /// Whether a key is needed to read it.
    public boolean isReachedBySsh() {
        return url.toLowerCase(Locale.ROOT).startsWith("ssh://")
                || SCP.matcher(url).matches();
    }

    /// The URL as it may be shown, without user-info and query.
    public String shown() {
        return shown(url);
    }

    static String shown(String url) {
        return ShownUrl.bare(url);
    }

    private static String before(String text, char mark) {
        int at = text.indexOf(mark);
        return at < 0 ? text : text.substring(0, at);
    }

    private static String after(String text, char mark) {
        int at = text.indexOf(mark);
        return at < 0 ? "" : text.substring(at + 1);
    }

    private static GitReference read(String url, String query, String fragment) throws Malformed {
        Reader reader = new Reader(url, fragment);
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                reader.accept(decode(before(pair, '=')), decode(after(pair, '=')));
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

        private final String url;
        private final Map<String, String> seen = new LinkedHashMap<>();
        private String revision;
        private String folder;
        private @Nullable String checksum;
        private @Nullable Boolean keepGitDir;
        private @Nullable Boolean submodules;

        Reader(String url, String fragment) {
            this.url = url;
            int colon = fragment.indexOf(':');
            this.revision = colon < 0 ? fragment : fragment.substring(0, colon);
            this.folder = colon < 0 ? "" : cleaned(fragment.substring(colon + 1));
        }

        private static String cleaned(String path) {
            return GuestPath.clean(path).substring(1);
        }

        void accept(String key, String value) throws Malformed {
            if (seen.put(key, value) != null) {
                throw new Malformed("has \"" + key + "\" twice");
            }
            if (value.isEmpty() && !FLAGS.contains(key)) {
                throw new Malformed("has \"" + key + "\" without a value");
            }
            switch (key) {
                case "ref" -> revision = only("revision", revision, value);
                case "subdir" -> folder = only("folder", folder, cleaned(value));
                case "checksum", "commit" -> checksum = value;
                case "keep-git-dir" -> keepGitDir = flag(key, value);
                case "submodules" -> submodules = flag(key, value);
                case "fetch-by-commit" -> flag(key, value); // how it is fetched; the files are the same
                case "mtime" -> {
                    if (!value.equals("checkout") && !value.equals("commit")) {
                        throw new Malformed("has mtime=" + value + ", which is neither \"checkout\" nor \"commit\"");
                    }
                }
                case "tag", "branch" -> {}
                default -> throw new Malformed("has \"" + key + "\", which does not exist");
            }
        }

        GitReference finish() throws Malformed {
            String tag = seen.get("tag");
            if (tag != null) {
                revision = only("revision", revision, tag.startsWith("refs/tags/") ? tag : "refs/tags/" + tag);
            }
            String branch = seen.get("branch");
            if (branch != null) {
                if (tag != null) {
                    throw new Malformed("names a tag and a branch");
                }
                revision =
                        only("revision", revision, branch.startsWith("refs/heads/") ? branch : "refs/heads/" + branch);
            }
            if (revision.isEmpty()
                    && checksum != null
                    && WHOLE_ID.matcher(checksum).matches()) {
                revision = checksum;
            }
            return new GitReference(url, revision, folder, checksum, keepGitDir, submodules);
        }

        private static String only(String what, String before, String now) throws Malformed {
            if (!before.isEmpty() && !before.equals(now)) {
                throw new Malformed("names two " + what + "s, \"" + before + "\" and \"" + now + "\"");
            }
            return now;
        }

        private static boolean flag(String key, String value) throws Malformed {
            if (value.isEmpty() || TRUE.contains(value)) {
                return true;
            }
            if (FALSE.contains(value)) {
                return false;
            }
            throw new Malformed("has " + key + "=" + value + ", which is neither true nor false");
        }
    }
}
