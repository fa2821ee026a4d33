package build.kiln.protocol;

/// Where things lie in a builder pod. The operator mounts them, the builder finds them.
public final class PodFiles {

    /// The pod's annotation that holds the [BuildRequest] as JSON.
    public static final String REQUEST_ANNOTATION = "kiln.build/request";

    /// The [BuildRequest], written by the kubelet from the pod's annotation.
    public static final String REQUEST = "/kiln/request/request.json";

    /// The pod's annotation that holds the text of [#REGISTRIES_CONF].
    public static final String REGISTRIES_CONF_ANNOTATION = "kiln.build/registries.conf";

    /// The settings of registries that the operator gives to all builders; absent if it gives none.
    public static final String REGISTRIES_CONF = "/kiln/request/registries.conf";

    /// The pod's annotation that holds the text of [#CA_BUNDLE].
    public static final String CA_BUNDLE_ANNOTATION = "kiln.build/ca.crt";

    /// Certificates, in PEM form, of authorities that all builders trust besides the usual ones; absent if there are
    /// none.
    public static final String CA_BUNDLE = "/kiln/request/ca.crt";

    /// The Secret of `spec.output.pushSecret`, one file a key; absent if the build names none, and empty
    /// if there is no such Secret.
    public static final String PUSH_SECRET = "/kiln/secrets/push";

    /// The Secret of `spec.source.git.credentialsSecret`, one file a key; absent if the build names none, and empty
    /// if there is no such Secret.
    public static final String GIT_SECRET = "/kiln/secrets/git";

    /// The Secret of `spec.source.archive.credentialsSecret`, one file a key; absent if the build names none, and empty
    /// if there is no such Secret.
    public static final String ARCHIVE_SECRET = "/kiln/secrets/archive";

    /// The Secret of `spec.source.image.pullSecret`, one file a key; absent if the build names none, and empty if there
    /// is
    /// no such Secret.
    public static final String PULL_SECRET = "/kiln/secrets/pull";

    /// The Secrets of `spec.secrets` and `spec.ssh`: a folder each, called like the Secret, with one file a key. A
    /// folder is empty if there is no such Secret.
    public static final String RUN_SECRETS = "/kiln/secrets/run";

    /// The claim of `spec.source.volume`, read-only; or the ConfigMap of `spec.source.configMap`, one file a key, and
    /// empty if there is no such ConfigMap.
    public static final String SOURCE = "/kiln/source";

    /// The root of the cache volume.
    public static final String CACHE = "/kiln/cache";

    /// Room for the build context and other files of this pod alone.
    public static final String WORK = "/kiln/work";

    /// Where the [BuildReport] goes, at most [BuildReport#MAX_BYTES] bytes.
    public static final String REPORT = "/dev/termination-log";

    private PodFiles() {}
}
