package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.e2e.install.Installation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The chart's network policy keeps RUNs from the address that hands out the node's credentials on most clouds.
///
/// A RUN that does not reach it shows something only if it is reached without the policy. And a RUN that does reach it
/// says
/// that the policy is wrong only if the cluster's network enforces policies. So both are tried, too; where one of them
/// is
/// not so, the row is left out, and says why.
final class KeptFromMetadata implements Row {

    private static final String ADDRESS = "169.254.169.254";
    private static final Duration AT_MOST = Duration.ofMinutes(3);

    /// Succeeds as soon as nothing answers: networks take some seconds to notice a new pod.
    private static final String NOT_REACHED =
            "for i in 1 2 3 4 5 6 7 8 9 10; do nc -w 3 %s </dev/null >/dev/null 2>&1 || exit 0; sleep 2; done; exit 7";

    @Override
    public String name() {
        return "network-policy";
    }

    @Override
    public String claim() {
        return "With the chart's network policy a RUN does not reach 169.254.169.254, and builds and pushes as ever";
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Installation installation = stage.needInstallation();
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name()));
        scene.build("without", Specs.inline("FROM {{base}}\nRUN nc -w 5 " + ADDRESS + " 80 </dev/null || exit 7\n", 0));
        if (!succeeds(scene, "without")) {
            throw new LeftOut(
                    "Without the policy, a RUN does not reach " + ADDRESS + ":80 here either: nothing could be"
                            + " seen. Try it in a cluster whose nodes have such an address.");
        }
        installation.upgrade(
                Map.of("networkPolicy.enabled", true, "networkPolicy.namespaces", List.of(scene.namespace())));
        try {
            scene.build("with", Specs.inline("FROM {{base}}\nRUN " + NOT_REACHED.formatted(ADDRESS + " 80") + "\n", 0));
            if (succeeds(scene, "with")) {
                return Optional.ofNullable(
                                Expectation.status(scene.imageBuild("with")).isolation())
                        .orElse("");
            }
            if (!isEnforced(scene)) {
                throw new LeftOut("This cluster's network enforces no NetworkPolicy: a pod to which one allows nothing"
                        + " reached " + scene.registry() + ". There, nothing keeps a RUN from " + ADDRESS + ".");
            }
            throw new RowFailure("With the chart's network policy, a RUN reached " + ADDRESS
                    + ":80, or did not come to an end, in a cluster whose network enforces policies.\n"
                    + scene.describe(scene.imageBuild("with")));
        } finally {
            installation.upgrade(Map.of());
        }
    }

    /// Otherwise it is the RUN that has failed, with the status that it chooses.
    private static boolean succeeds(Scene scene, String build) throws InterruptedException {
        Expectation wanted = Expectation.of(Expectation.End.SUCCEEDED, null, List.of(), AT_MOST);
        ImageBuild seen = scene.await(build, AT_MOST, wanted::isReached);
        if (Expectation.isTrue(Expectation.status(seen), "Ready")) {
            return true;
        }
        boolean hasFailed = Expectation.status(seen).conditions().stream()
                .anyMatch(condition -> condition.message().contains("exit status 7"));
        if (!hasFailed) {
            throw new RowFailure("The build \"" + build + "\" did not come to its RUN.\n" + scene.describe(seen));
        }
        return false;
    }

    /// Whether a policy that has nothing to do with Kiln's keeps a pod from the registry.
    private static boolean isEnforced(Scene scene) throws InterruptedException {
        scene.create(Specs.yaml("""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: nothing}
            spec: {podSelector: {matchLabels: {reaches: nothing}}, policyTypes: [Egress], egress: []}
            """));
        try {
            scene.create(Specs.yaml(
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: canary, labels: {reaches: nothing}}
                    spec:
                      restartPolicy: Never
                      containers: [{name: canary, image: "{{base}}", command: [sh, -c, "%s"]}]
                    """.formatted(NOT_REACHED.formatted(scene.registry().replace(':', ' ')))));
            return true;
        } catch (RowFailure e) {
            return false; // It did not succeed: it reached the registry again and again.
        }
    }
}
