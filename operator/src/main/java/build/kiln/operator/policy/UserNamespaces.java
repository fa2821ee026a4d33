package build.kiln.operator.policy;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.regex.Pattern;

/// Tells whether a node could not give a pod the user namespace that it asked for. Such a pod never runs there, and one
/// of a weaker isolation does.
final class UserNamespaces {

    private static final Pattern IDS =
            Pattern.compile("MOUNT_ATTR_IDMAP|mount_setattr|\\bidmap", Pattern.CASE_INSENSITIVE);
    private static final Pattern RUNTIME = Pattern.compile(
            "user ?namespaces?\\b|userns|uidmap|gidmap|/proc/[a-z0-9]+/[ug]id_map", Pattern.CASE_INSENSITIVE);

    /// The end of a long chain of words is what happened.
    private static final int MAX_WORDS = 170;

    private UserNamespaces() {}

    /// A sentence about the refusal with advice, at most 400 characters; empty if the words are about something else.
    ///
    /// @param words of the kubelet or the runtime
    static Optional<String> refusal(Pod pod, String words) {
        if (!Boolean.FALSE.equals(pod.getSpec().getHostUsers())) {
            return Optional.empty();
        }
        String end = words.length() <= MAX_WORDS ? words : "…" + words.substring(words.length() - MAX_WORDS);
        if (IDS.matcher(words).find()) {
            return Optional.of(
                    ("Node %s cannot mount a volume of the pod with mapped ids (%s). NFS knows none; ext4, xfs, btrfs,"
                                    + " tmpfs and CephFS do. Look at builder.cache of the chart (KILN_BUILDER_CACHE_…) and at"
                                    + " spec.source.volume.")
                            .formatted(pod.getSpec().getNodeName(), end));
        }
        if (RUNTIME.matcher(words).find()) {
            return Optional.of(
                    "Node %s cannot give the pod a user namespace (%s). That needs Linux 6.3, containerd 2.0 or CRI-O 1.25, and runc 1.2 or crun 1.9."
                            .formatted(pod.getSpec().getNodeName(), end));
        }
        return Optional.empty();
    }
}
