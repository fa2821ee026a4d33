package build.kiln.builder.failure;

import java.util.regex.Pattern;

/// URLs as people may see them: in messages, in progress, in an image's history. A user, a password or a token in one
/// is
/// for its server alone.
public final class ShownUrl {

    /// Also of a text that is no URL only because its password has a slash. Counted, since texts may be long.
    private static final Pattern USER_INFO = Pattern.compile(
            "(?<=://)(?:[^/?#\\s\"]{0,2000}@|[^/?#\\s\"\\[@:]{1,200}+:(?!\\d{0,5}+(?:[/?#\\s\"]|$))[^\\s\"]{0,200}@)");

    private static final Pattern QUERY = Pattern.compile("(https?://[^\\s?#\"]*+)(?<!\\.git)\\?[^\\s#\"]*+");

    private ShownUrl() {}

    /// Without user-info, query and fragment.
    public static String bare(String url) {
        return withoutUserInfo(url).replaceFirst("(?s)[?#].*", "");
    }

    /// A text without the user-info of the URLs in it, and without their queries, which may hold a token. What stands
    /// in
    /// the query of a repository says which files are meant.
    public static String inText(String text) {
        return QUERY.matcher(withoutUserInfo(text)).replaceAll("$1");
    }

    private static String withoutUserInfo(String text) {
        return USER_INFO.matcher(text).replaceAll("");
    }
}
