package build.kiln.operator.policy;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/// ImageBuilds and pods for tests of what is pure.
public final class Fixtures {

    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    public static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    public static final String DIGEST = "sha256:" + "5".repeat(64);

    private Fixtures() {}

    /// @param spec what is said beside a volume source and an output, as YAML in flow style
    /// @param status as YAML in flow style; empty for none
    public static ImageBuild imageBuild(long generation, String spec, String status) {
        return Serialization.unmarshal(
                """
                apiVersion: kiln.build/v1alpha1
                kind: ImageBuild
                metadata: {name: web, namespace: team-a, uid: u-1, generation: %d, creationTimestamp: "2026-03-01T11:00:00Z"}
                spec: {source: {volume: {claimName: src}}, output: {image: "registry.example.com/web:1"}%s}
                %s
                """.formatted(
                                generation,
                                spec.isEmpty() ? "" : ", " + spec,
                                status.isEmpty() ? "" : "status: {" + status + "}"),
                ImageBuild.class);
    }

    public static ImageBuild with(ImageBuild build, ImageBuildStatus status) {
        build.setStatus(status);
        return build;
    }

    public static BuilderPod pod(long generation, int attempt, PodState state) {
        return new BuilderPod(
                "web-" + generation + "-" + attempt,
                "p-" + generation + "-" + attempt,
                "",
                new Circumstances(""),
                generation,
                attempt,
                Optional.of("node-1"),
                Optional.empty(),
                NOW.minusSeconds(60),
                Optional.of(NOW.minusSeconds(60)),
                state instanceof PodState.Waiting ? Optional.empty() : Optional.of(NOW.minusSeconds(55)),
                state instanceof PodState.Running || state instanceof PodState.Waiting
                        ? Optional.empty()
                        : Optional.of(NOW.minusSeconds(2)),
                Optional.of("512Mi"),
                state);
    }

    public static BuilderPod leaving(BuilderPod pod) {
        return new BuilderPod(
                pod.name(),
                pod.uid(),
                pod.part(),
                pod.circumstances(),
                pod.generation(),
                pod.attempt(),
                pod.node(),
                Optional.of(NOW.plusSeconds(30)),
                pod.createdAt(),
                pod.limitedFrom(),
                pod.startedAt(),
                pod.endedAt(),
                pod.memoryLimit(),
                pod.state());
    }

    public static BuildReport succeeded() {
        return report(new Result.Succeeded("registry.example.com/web@" + DIGEST, DIGEST, 4711, List.of("1")));
    }

    public static BuildReport failed(String reason, Fault fault) {
        return report(new Result.Failed(reason, fault, "It broke.", "RUN make", 2, List.of("make: *** [all] Error 2")));
    }

    private static BuildReport report(Result result) {
        return BuildReport.of(result, "userns", null, List.of(), List.of(), List.of());
    }
}
