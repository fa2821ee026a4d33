package build.kiln.builder.app;

import build.kiln.builder.cache.collect.OwnVolumes;
import build.kiln.builder.execute.BaseImagesCheck;
import build.kiln.builder.execute.IndexPush;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.RegistryOutput;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.provenance.Invocation;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.report.Milestones;
import build.kiln.builder.report.OperatorProgress;
import build.kiln.builder.report.PlainProgress;
import build.kiln.builder.report.Reports;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.Part;
import build.kiln.protocol.PodFiles;
import build.kiln.protocol.ProtocolMismatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// `kiln build-pod`: what the operator's pod runs. Reads the request, builds, and leaves a report as the pod's
/// termination message, however it ends.
final class BuildPodCommand implements Callable<Integer> {

    /// One is reason enough to build; so many have room in a report.
    private static final int MOST_MOVED = 8;

    private final Environment environment;
    private final Milestones milestones;
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    BuildPodCommand(Environment environment) {
        this.environment = environment;
        this.milestones = new Milestones(environment.clock());
    }

    /// The command, which has no flags of its own.
    CommandSpec spec() {
        CommandSpec spec =
                CommandSpec.wrapWithoutInspection(this, new Instances()).name("build-pod");
        spec.usageMessage().hidden(true).description("Builds what the operator asks for; runs in the builder pod.");
        HelpFlags.addTo(spec);
        return spec;
    }

    @Override
    public Integer call() {
        try {
            BuildRequest request = request();
            ExitCode code = switch (request.part()) {
                case Part.Index index -> withRegistry(request, registry -> pushIndex(request, index, registry));
                case Part.BaseImages images -> withRegistry(request, registry -> lookAt(images, registry));
                case Part.Platform platform -> run(request);
                case null -> run(request);
            };
            new OwnVolumes(PodSetup.OWN_CACHES).removeForgotten();
            return code.status();
        } catch (BuildFailure e) {
            return failed(e, null).status();
        }
    }

    private static BuildRequest request() {
        Path file = Path.of(PodFiles.REQUEST);
        try {
            return BuildRequest.parse(Files.readString(file));
        } catch (ProtocolMismatch e) {
            throw new RequestFailure(Reason.RequestInvalid, PodFiles.REQUEST, String.valueOf(e.getMessage()), "", e);
        } catch (IOException e) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    PodFiles.REQUEST,
                    "the build request cannot be read: " + e + ".",
                    "This command is for the pod that the operator makes; use \"kiln build\" elsewhere.",
                    e);
        }
    }

    private ExitCode run(BuildRequest request) {
        try (PodSetup pod = PodSetup.open(request, environment)) {
            Progress progress = Progress.all(List.of(
                    milestones,
                    new PlainProgress(environment.out(), environment.clock()),
                    new OperatorProgress(
                            environment.out(), () -> pod.confinement().isolation(), milestones),
                    new Warnings(warnings)));
            try (Build build = new Build(pod.setup(), pod.confinement(), progress, environment.clock());
                    Deadline deadline = Deadline.of(Duration.ofSeconds(request.timeoutSeconds()))) {
                try {
                    return succeeded(build, request, build.run());
                } catch (RuntimeException e) {
                    return failed(deadline.explain(Failures.of(e), request), build);
                }
            }
        }
    }

    /// What needs no source and no cache.
    private ExitCode withRegistry(BuildRequest request, Function<Registry, BuildReport> work) {
        try (WorkFolder folder = WorkFolder.below(Path.of(PodFiles.WORK));
                Deadline deadline = Deadline.of(Duration.ofSeconds(request.timeoutSeconds()))) {
            PodSetup.prepareConnections(environment, folder);
            try (Registry registry = Registry.open(PodSetup.registries(request, environment))) {
                write(work.apply(registry));
                return ExitCode.SUCCESS;
            } catch (RuntimeException e) {
                return failed(deadline.explain(Failures.of(e), request), null);
            }
        }
    }

    private Progress plainProgress() {
        return Progress.all(List.of(new PlainProgress(environment.out(), environment.clock()), new Warnings(warnings)));
    }

    /// The last step of a build for several platforms.
    private BuildReport pushIndex(BuildRequest request, Part.Index part, Registry registry) {
        List<ImageReference> targets = PodSetup.references(request);
        List<IndexPush.Member> members = part.images().stream()
                .map(image -> new IndexPush.Member(Platform.parse(image.platform()), Digest.parse(image.digest())))
                .toList();
        Instant started = environment.clock().instant();
        Progress progress = plainProgress();
        try (RegistryOutput output = new RegistryOutput(registry, targets, progress, environment.clock())) {
            IndexPush.Result result = new IndexPush(registry, progress, environment.clock())
                    .push(
                            members,
                            targets,
                            annotations(request),
                            (index, images) -> attach(request, output, started, index, images));
            String digest = result.index().digest().toString();
            return report(new BuildReport.Result.Succeeded(
                    targets.getFirst().name() + "@" + digest,
                    digest,
                    result.sizeBytes(),
                    targets.stream().map(Object::toString).toList()));
        }
    }

    private static Function<List<ImageManifest>, Map<String, String>> annotations(BuildRequest request) {
        return Boolean.TRUE.equals(request.output().predefinedAnnotations())
                ? Annotations::commonPredefined
                : _ -> Map.of();
    }

    /// Whether there is anything to build again.
    private BuildReport lookAt(Part.BaseImages part, Registry registry) {
        Map<ImageReference, Digest> known = new LinkedHashMap<>();
        Map<ImageReference, String> names = new HashMap<>();
        part.known().forEach(image -> {
            ImageReference reference = PodSetup.reference("status.baseImages", image.name());
            known.put(reference, Digest.parse(image.digest()));
            names.put(reference, image.name());
        });
        List<BaseImage> moved = new ArrayList<>();
        new BaseImagesCheck(registry, plainProgress(), environment.clock())
                .moved(known)
                .forEach((reference, digest) ->
                        moved.add(new BaseImage(Objects.requireNonNull(names.get(reference)), digest.toString())));
        return report(
                moved.isEmpty()
                        ? new BuildReport.Result.UpToDate()
                        : new BuildReport.Result.Moved(
                                moved.stream().limit(MOST_MOVED).toList()));
    }

    private BuildReport report(BuildReport.Result result) {
        return Reports.of(result, warnings, milestones);
    }

    /// Says of an index how it came about, if anybody wants to know.
    private void attach(
            BuildRequest request, RegistryOutput output, Instant started, Descriptor index, List<Descriptor> images) {
        ProvenanceRequest wanted = PodSetup.provenance(request);
        if (wanted != null) {
            Delivery.attach(
                    output,
                    Origins.ofIndex(
                            index,
                            images,
                            List.of(PodSetup.references(request).getFirst().name()),
                            wanted,
                            Definitions.of(request),
                            new Invocation(
                                    wanted.builderId(),
                                    wanted.invocationId(),
                                    started,
                                    environment.clock().instant())));
        }
    }

    private ExitCode succeeded(Build build, BuildRequest request, Build.Result result) {
        write(Reports.succeeded(
                result.built(),
                Objects.requireNonNull(build.plan()),
                result.pushed().orElseThrow().name() + "@"
                        + result.built().descriptor().digest(),
                PodSetup.references(request).stream().map(Object::toString).toList(),
                build.isolation(),
                build.revision(),
                warnings,
                milestones));
        return ExitCode.SUCCESS;
    }

    private ExitCode failed(BuildFailure failure, @Nullable Build build) {
        Failures.print(failure, environment.out());
        write(Reports.failed(
                failure,
                build == null ? null : build.plan(),
                build == null ? List.of() : build.finished(),
                build == null ? null : build.isolation(),
                build == null ? null : build.revision(),
                warnings,
                milestones));
        return ExitCode.of(failure.fault());
    }

    private void write(BuildReport report) {
        try {
            Files.writeString(Path.of(PodFiles.REPORT), report.toTerminationMessage());
        } catch (IOException e) {
            environment.err().println("The report could not be written to " + PodFiles.REPORT + ": " + e);
        }
    }
}
