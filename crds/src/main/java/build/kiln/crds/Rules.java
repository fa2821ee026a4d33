package build.kiln.crds;

/// The CEL rules that more than one field needs, with what the API server says when they are broken.
///
/// They use nothing beyond CEL's standard functions, so every API server that knows CEL takes them. A rule stands only
/// on fields whose size the schema bounds: the API server estimates its cost from that.
final class Rules {

    /// Below its root: not absolute, no way up.
    static final String BELOW_ROOT = "!self.startsWith('/') && !self.matches(r'(^|/)\\.\\.(/|$)')";

    static final String BELOW_ROOT_MESSAGE =
            "the path must lead below its root: not start with \"/\" and have no \"..\" in it";

    /// `[host[:port]/]path[:tag][@digest]`, as the distribution specification has it.
    private static final String IMAGE_REGEX = "r'^("
            + "([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
            + "(:[0-9]{1,5})?/|\\[[0-9a-fA-F:]+\\](:[0-9]{1,5})?/)?"
            + "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*"
            + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64}|@sha512:[a-f0-9]{128})?$'";

    static final String IMAGE_REFERENCE = "self.matches(" + IMAGE_REGEX + ")";

    static final String IMAGE_REFERENCES = "self.all(image, image.matches(" + IMAGE_REGEX + "))";

    static final String IMAGE_REFERENCE_MESSAGE =
            "not an image reference; it is [host[:port]/]path[:tag], for example registry.example.com/team-a/web:1.2,"
                    + " and the path is in lower case";

    static final String HTTP_URL = "self.matches(r'^https?://[^/@\\s]+(/\\S*)?$')";

    static final String HTTP_URL_MESSAGE =
            "the URL must start with http:// or https:// and hold no user name or password; put credentials into a"
                    + " Secret and name it in credentialsSecret";

    /// Where a named context is. Not in there: a password, a file of the pod.
    static final String CONTEXTS =
            "self.all(name, name != '' && self[name].matches(r'^docker-image://[^\\s@]+(@[a-z0-9]+:[a-f0-9]+)?$"
                    + "|^(https?|git)://[^/@\\s]+/\\S*$"
                    + "|^ssh://([A-Za-z0-9_.-]+@)?[^/@\\s]+/\\S*$|^[A-Za-z0-9_-]+@[A-Za-z0-9.-]+:\\S+$'))";

    static final String CONTEXTS_MESSAGE =
            "a context is docker-image://REFERENCE, or the URL of a git repository or file that starts with http://,"
                    + " https:// or git:// and holds no user name or password, or of a git repository that starts with"
                    + " ssh:// or is user@host:path";

    /// A context that is reached by SSH has a key.
    static final String SSH_CONTEXTS = "!has(self.contexts)"
            + " || self.contexts.all(name, self.contexts[name].matches('^(docker-image|https?|git)://'))"
            + " || has(self.ssh) && self.ssh.exists(key, key.id == 'default')";

    static final String SSH_CONTEXTS_MESSAGE =
            "a context that is reached by SSH needs a key: an entry of ssh with the id default, and the Secret that it"
                    + " names";

    /// A number and a unit, repeated: `90s`, `1h30m`.
    static final String DURATION = "self.matches('^([0-9]{1,6}(h|m|s))+$')";

    static final String DURATION_MESSAGE = "not a duration; write numbers with units h, m and s, for example 1h30m";

    /// The name of a Secret, ConfigMap, claim or other object.
    static final String NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    private Rules() {}
}
