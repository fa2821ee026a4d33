package build.kiln.operator.imagebuild;

import build.kiln.operator.imagebuild.BuilderPodsInCluster.Trial;
import build.kiln.operator.pod.ChosenRung;
import build.kiln.operator.pod.RungDemand;
import build.kiln.operator.policy.Circumstances;
import build.kiln.operator.policy.Reasons;
import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The strongest rung that a namespace admits: found by trying its pods out, and remembered for a while, for pods of
/// the same account and runtime class, which admission may go by.
///
/// What a namespace refuses is asked again soon, so that a label that somebody puts on it counts with the next build.
final class AdmittedRungs {

    private static final Duration ADMITTED_FOR = Duration.ofMinutes(10);
    private static final Duration REFUSED_FOR = Duration.ofMinutes(1);

    private static final Duration REFUSED_BY_NODE_FOR = Duration.ofMinutes(30);

    /// What is known of so many namespaces and rungs is kept.
    private static final int MOST = 4000;

    /// What fits into [LeftOutRung], advice included.
    private static final int MAX_REASON = 400;

    private static final String NO_USER_NAMESPACES = "the API server leaves hostUsers out of it";

    sealed interface Answer {

        record Admitted(ChosenRung rung) implements Answer {}

        /// Nothing that would be strong enough is admitted.
        record Refused(Reasons reason, String message) implements Answer {}

        /// The namespace is on its way out.
        record Pointless() implements Answer {}
    }

    /// What admission says of everything that it checks for all pods alike.
    private static final Map<String, String> FIELDS = Map.of(
            "PriorityClass", "spec.pod.priorityClassName",
            "RuntimeClass", "spec.pod.runtimeClassName",
            "service account", "spec.pod.serviceAccountName",
            "usage per Container", "spec.pod.resources",
            "usage per Pod", "spec.pod.resources",
            "must specify", "spec.pod.resources");

    /// @param words of the API server, or Kiln's own of what it did; of a node whole sentences
    record Refusal(Reasons reason, String words) {

        boolean isOfNode() {
            return reason == Reasons.UserNamespaceRefused;
        }
    }

    /// @param circumstances of the pods that it holds for
    private record Key(String namespace, Rung rung, Circumstances circumstances) {}

    /// @param refusal empty if the rung is admitted
    private record Known(Optional<Refusal> refusal, Instant until) {}

    private final BuilderPodsInCluster pods;
    private final Clock clock;
    private final Map<Key, Known> known = new LinkedHashMap<>();

    AdmittedRungs(BuilderPodsInCluster pods, Clock clock) {
        this.pods = pods;
        this.clock = clock;
    }

    /// @param pod the pod of a rung, the stronger ones that are left out given
    /// @param refused what was refused already when the pod itself was to be made; it wins over what is remembered
    /// @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server could not answer
    Answer ask(String namespace, RungDemand demand, Function<ChosenRung, Pod> pod, Map<Rung, Refusal> refused) {
        Map<Rung, Refusal> refusals = new EnumMap<>(Rung.class);
        Circumstances ofAdmission = Circumstances.ofAdmission(pod.apply(ChosenRung.STRONGEST));
        for (Rung rung : Rung.values()) {
            if (rung.isBelow(demand.minimum())) {
                break;
            }
            ChosenRung chosen = new ChosenRung(rung, leftOut(refusals));
            Optional<Refusal> refusal = Optional.ofNullable(refused.get(rung));
            if (refusal.isEmpty()) {
                Pod desired = pod.apply(chosen);
                Known answer = remembered(namespace, rung, Circumstances.of(desired), ofAdmission);
                if (answer == null) {
                    Trial trial = pods.tryOut(desired);
                    if (trial instanceof Trial.Pointless) {
                        return new Answer.Pointless();
                    }
                    refusal = read(rung, trial);
                } else {
                    refusal = answer.refusal();
                }
            }
            if (refusal.isEmpty()) {
                remember(namespace, ofAdmission, rung, refusals);
                return new Answer.Admitted(chosen);
            }
            refusals.put(rung, refusal.get());
        }
        // What refuses them all is nothing about rungs, or has to be mended before anything goes on.
        forget(namespace);
        return new Answer.Refused(reason(demand, refusals), message(namespace, demand, refusals));
    }

    /// Remembers that a node does not give the rung to such pods of the namespace. Nodes change seldom, and each
    /// finding costs a pod.
    ///
    /// @param why whole sentences
    synchronized void leaveOut(String namespace, Rung rung, Circumstances circumstances, String why) {
        put(
                new Key(namespace, rung, circumstances),
                new Known(
                        Optional.of(new Refusal(Reasons.UserNamespaceRefused, why)),
                        clock.instant().plus(REFUSED_BY_NODE_FOR)));
    }

    private synchronized void forget(String namespace) {
        known.entrySet()
                .removeIf(e -> e.getKey().namespace().equals(namespace)
                        && !e.getValue().refusal().map(Refusal::isOfNode).orElse(false));
    }

    private synchronized @Nullable Known remembered(
            String namespace, Rung rung, Circumstances ofNode, Circumstances ofAdmission) {
        Known answer = remembered(new Key(namespace, rung, ofNode));
        return answer == null ? remembered(new Key(namespace, rung, ofAdmission)) : answer;
    }

    private synchronized @Nullable Known remembered(Key key) {
        Known value = known.get(key);
        return value == null || value.until().isBefore(clock.instant()) ? null : value;
    }

    private synchronized void remember(
            String namespace, Circumstances ofAdmission, Rung admitted, Map<Rung, Refusal> refusals) {
        Instant now = clock.instant();
        refusals.forEach((rung, refusal) -> {
            Key key = new Key(namespace, rung, ofAdmission);
            if (!refusal.isOfNode() && remembered(key) == null) {
                put(key, new Known(Optional.of(refusal), now.plus(REFUSED_FOR)));
            }
        });
        Key key = new Key(namespace, admitted, ofAdmission);
        if (remembered(key) == null) {
            put(key, new Known(Optional.empty(), now.plus(ADMITTED_FOR)));
        }
    }

    private void put(Key key, Known value) {
        known.remove(key);
        known.put(key, value);
        if (known.size() > MOST) {
            known.remove(known.keySet().iterator().next());
        }
    }

    private static Optional<Refusal> read(Rung rung, Trial trial) {
        return switch (trial) {
            case Trial.Admitted(Pod pod) ->
                rung == Rung.USERNS && !Boolean.FALSE.equals(pod.getSpec().getHostUsers())
                        ? Optional.of(new Refusal(Reasons.PodForbidden, NO_USER_NAMESPACES))
                        : Optional.empty();
            case Trial.NotAdmitted(Reasons reason, String words) -> Optional.of(new Refusal(reason, words));
            case Trial.Pointless() -> throw new IllegalStateException("There is nothing to read in it.");
        };
    }

    private static List<LeftOutRung> leftOut(Map<Rung, Refusal> refusals) {
        return refusals.entrySet().stream()
                .map(e -> new LeftOutRung(e.getKey(), sentence(e.getValue())))
                .toList();
    }

    /// At most as long as [LeftOutRung] takes it, the advice included.
    private static String sentence(Refusal refusal) {
        String words = refusal.words();
        if (refusal.isOfNode()) {
            return words;
        }
        String start = "The namespace does not admit its pod: ";
        String end = ". " + advice(words);
        int room = MAX_REASON - start.length() - end.length();
        return start + (words.length() > room ? words.substring(0, room - 1) + "…" : words) + end;
    }

    private static String advice(String words) {
        if (words.equals(NO_USER_NAMESPACES)) {
            return "Kubernetes has user namespaces for pods by default from version 1.33 on.";
        }
        if (!words.contains("PodSecurity")) {
            return "Ask who runs the cluster to admit it.";
        }
        // What "restricted" refuses is more than the one thing that "baseline" once refused, too.
        return words.contains("procMount") && !words.contains("restricted")
                ? "Label the namespace pod-security.kubernetes.io/enforce-version=latest; from 1.35 on it admits this."
                : "Label the namespace pod-security.kubernetes.io/enforce=baseline.";
    }

    /// The field that the words are about; empty if they are about none.
    private static String field(String words) {
        return FIELDS.entrySet().stream()
                .filter(e -> words.contains(e.getKey()))
                .map(e -> " Look at " + e.getValue() + ".")
                .findFirst()
                .orElse("");
    }

    private static Reasons reason(RungDemand demand, Map<Rung, Refusal> refusals) {
        List<Reasons> reasons =
                refusals.values().stream().map(Refusal::reason).distinct().toList();
        if (reasons.equals(List.of(Reasons.PodInvalid))) {
            return Reasons.PodInvalid;
        }
        return demand.isNone() ? Reasons.PodForbidden : Reasons.IsolationUnavailable;
    }

    private static String message(String namespace, RungDemand demand, Map<Rung, Refusal> refusals) {
        List<String> words =
                refusals.values().stream().map(Refusal::words).distinct().toList();
        String each = leftOut(refusals).stream()
                .map(l -> l.rung().word() + ": " + l.reason())
                .collect(Collectors.joining(" "));
        return switch (reason(demand, refusals)) {
            case PodInvalid ->
                "The API server takes the builder pod for malformed: %s. Mend spec.pod; it is tried again every minute."
                        .formatted(String.join("; ", words));
            case IsolationUnavailable ->
                "Namespace %s admits no builder pod of the isolation that %s demands, \"%s\" at least. %s Or lower %s. It is tried again every minute."
                        .formatted(
                                namespace, demand.demandedBy(), demand.minimum().word(), each, demand.demandedBy());
            default ->
                words.size() == 1
                        ? "Namespace %s admits no builder pod: %s.%s It is tried again every minute."
                                .formatted(namespace, words.getFirst(), field(words.getFirst()))
                        : "Namespace %s admits no builder pod, not even one without RUN. %s It is tried again every minute."
                                .formatted(namespace, each);
        };
    }
}
