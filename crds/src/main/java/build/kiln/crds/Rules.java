package build.kiln.crds;

/// The CEL rules that more than one field needs, with what the API server says when they are broken.
///
/// They use nothing beyond CEL's standard functions, so every API server that knows CEL takes them. A rule stands only
/// on fields whose size the schema bounds: the API server estimates its cost from that.
final class Rules {

    /// Below its root: not absolute, no way up.
    static final String BELOW_ROOT = "!self.startsWith('/') && !self.matches(r'(^|/)\\.\\.(/|$)')";

    /// Each part begins and ends with a letter or digit, as the value of a label has to.
    private static final String PLATFORM =
            "one.matches(r'^[a-z0-9]+/[a-z0-9]+(_+[a-z0-9]+)*(/[a-z0-9]+(\\.[a-z0-9]+)*)?$')";

    static final String PLATFORMS = "self.all(one, " + PLATFORM + ")";

    static final String PLATFORMS_MESSAGE =
            "'\"' + self.filter(one, !" + PLATFORM + ")[0] + '\" is not a platform; it is"
                    + " os/architecture or os/architecture/variant in lower case, for example linux/amd64 or linux/arm/v7'";

    /// What is run when nothing is named would only be known in the pod, after the whole build.
    static final String COMMAND = "self.size() == 0 || self[0] != ''";

    static final String COMMAND_MESSAGE =
            "the command is empty; name the program first and then its arguments, for example [/web, --version]";

    static final String BELOW_ROOT_MESSAGE =
            "the path must lead below its root; write it without \"/\" at its start and without \"..\"";

    /// `[host[:port]/]path[:tag][@digest]`, as the distribution specification has it.
    private static final String IMAGE_REGEX = "r'^("
            + "([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
            + "(:[0-9]{1,5})?/|\\[[0-9a-fA-F:]+\\](:[0-9]{1,5})?/)?"
            + "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*"
            + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64}|@sha512:[a-f0-9]{128})?$'";

    static final String IMAGE_REFERENCE = "self.matches(" + IMAGE_REGEX + ")";

    static final String IMAGE_REFERENCE_MESSAGE =
            "not an image reference; it is [host[:port]/]path[:tag], for example registry.example.com/team-a/web:1.2,"
                    + " and the path is in lower case";

    static final String IMAGE_REFERENCES = "self.all(one, one.matches(" + IMAGE_REGEX + "))";

    static final String IMAGE_REFERENCES_MESSAGE =
            "'\"' + self.filter(one, !one.matches(" + IMAGE_REGEX + "))[0] + '\" is " + IMAGE_REFERENCE_MESSAGE + "'";

    private static final String TAG = "one.matches('^[A-Za-z0-9_][A-Za-z0-9_.-]*$')";

    static final String TAGS = "self.all(one, " + TAG + ")";

    static final String TAGS_MESSAGE =
            "'\"' + self.filter(one, !" + TAG + ")[0] + '\" is not a tag; it has letters, digits,"
                    + " \"_\", \".\" and \"-\" only, and does not start with \".\" or \"-\", for example 1.2-rc1'";

    static final String HTTP_URL = "self.matches(r'^https?://[^/@\\s]+(/\\S*)?$')";

    static final String HTTP_URL_MESSAGE =
            "the URL must start with http:// or https:// and hold no user name or password; put credentials into a"
                    + " Secret and name it in credentialsSecret";

    private static final String IS_CONTEXT =
            "name != '' && self[name].matches(r'^docker-image://[^\\s@]+(@[a-z0-9]+:[a-f0-9]+)?$"
                    + "|^(https?|git)://[^/@\\s]+/\\S*$"
                    + "|^ssh://([A-Za-z0-9_.-]+@)?[^/@\\s]+/\\S*$|^[A-Za-z0-9_-]+@[A-Za-z0-9.-]+:\\S+$')";

    /// Where a named context is. Not in there: a password, a file of the pod.
    static final String CONTEXTS = "self.all(name, " + IS_CONTEXT + ")";

    /// What may have a password in it is not repeated.
    static final String CONTEXTS_MESSAGE = "'the context \"' + self.filter(name, !(" + IS_CONTEXT + ")).map(name,"
            + " self[name].contains('@') ? name + '\" is none' : name + '\" is none: \"' + self[name] + '\"')[0]"
            + " + '. A context is docker-image://REFERENCE, or the URL of a git repository or file that starts with http://,"
            + " https:// or git:// and holds no user name or password, or of a git repository that starts with"
            + " ssh:// or is user@host:path'";

    private static final String BY_SSH = "self.contexts[name].matches('^(ssh://|[A-Za-z0-9_-]+@)')";

    /// A context that is reached by SSH has a key.
    static final String SSH_CONTEXTS = "!has(self.contexts) || !self.contexts.exists(name, " + BY_SSH + ")"
            + " || has(self.ssh) && self.ssh.exists(key, key.id == 'default')";

    static final String SSH_CONTEXTS_MESSAGE = "'the context \"' + self.contexts.filter(name, " + BY_SSH + ")[0]"
            + " + '\" is reached by SSH and needs a key: add to ssh an entry with the id default, and the Secret that has"
            + " the key'";

    /// A number and a unit, repeated: `90s`, `1h30m`.
    static final String DURATION = "self.matches('^([0-9]{1,6}(h|m|s))+$')";

    static final String DURATION_MESSAGE = "not a duration; write numbers with units h, m and s, for example 1h30m";

    /// The name of a Secret, ConfigMap, claim or other object.
    static final String NAME = "self.matches(r'^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')";

    static final String NAME_MESSAGE =
            "not the name of a Kubernetes object; it has lower case letters, digits, \"-\" and \".\" only, and begins and"
                    + " ends with a letter or digit, for example my-secret";

    /// What a RUN names a secret or key by.
    static final String ID = "self.matches('^[A-Za-z0-9_.-]+$')";

    static final String ID_MESSAGE =
            "not an id; it has letters, digits, \"_\", \".\" and \"-\" only, for example npmrc, as in RUN --mount";

    static final String OWN_KEY_MESSAGE = "'\"' + self.filter(key, key.startsWith('kiln.build/'))[0]"
            + " + '\" starts with kiln.build/, which is for Kiln alone; remove it or call it otherwise'";

    /// An amount of a resource, as Kubernetes writes it.
    static final String QUANTITY = "type(self) == int ? self >= 0 : self.matches("
            + "r'^[+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$')";

    static final String QUANTITY_MESSAGE =
            "not an amount of a resource; write a number with a unit of Kubernetes, for example 500m, 2 or 4Gi";

    /// An amount of memory, of more than nothing.
    static final String MEMORY = "self.matches(r'^[1-9][0-9]{0,17}([kMGTP]|[KMGTP]i)?$')";

    static final String MEMORY_MESSAGE =
            "not an amount of memory; write a whole number with a unit of Kubernetes, for example 512Mi or 8Gi";

    private Rules() {}
}
