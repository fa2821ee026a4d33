package build.kiln.operator.pod;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.PodSettings;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.PodFiles;
import build.kiln.protocol.ProtocolMismatch;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFileBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes the pod of one attempt. The same inputs give the same pod.
public final class BuilderPods {

    /// The kubelet ends a pod that much later than the builder ends itself, so that the builder's own report comes
    /// first.
    private static final Duration DEADLINE_SLACK = Duration.ofMinutes(2);

    /// All annotations of an object have 256 KiB together; the rest is left to the user's own.
    public static final int MAX_REQUEST_BYTES = 200 * 1024;

    /// What it takes to send a document to a registry, or to ask it.
    private static final ResourceRequirements SMALL = new ResourceRequirementsBuilder()
            .addToRequests("cpu", new Quantity("100m"))
            .addToRequests("memory", new Quantity("128Mi"))
            .addToLimits("memory", new Quantity("512Mi"))
            .build();

    private final BuilderSettings settings;
    private final RungSecurity security;

    public BuilderPods(BuilderSettings settings) {
        this.settings = settings;
        this.security = new RungSecurity(settings.rungs());
    }

    public BuilderSettings settings() {
        return settings;
    }

    /// @param rung what the pod is to give its RUNs
    public Pod desired(ImageBuild build, PodOrder order, ChosenRung rung) {
        PodSettings user = build.getSpec().pod();
        Map<String, String> nodeSelector = new LinkedHashMap<>(user.nodeSelector());
        nodeSelector.putIfAbsent("kubernetes.io/os", order.part().os());
        nodeSelector.putIfAbsent("kubernetes.io/arch", order.part().architecture());
        return new PodBuilder()
                .withMetadata(metadata(build, order, rung))
                .withNewSpec()
                .withRestartPolicy("Never")
                .withActiveDeadlineSeconds(order.timeout().plus(DEADLINE_SLACK).toSeconds())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withHostUsers(RungSecurity.hostUsers(rung.rung()))
                .withSecurityContext(RungSecurity.ofPod(rung.rung()))
                .withServiceAccountName(user.serviceAccountName())
                .withPriorityClassName(user.priorityClassName())
                .withRuntimeClassName(user.runtimeClassName())
                .withSchedulerName(user.schedulerName())
                .withNodeSelector(nodeSelector)
                .withTolerations(user.tolerations())
                .withAffinity(order.cache()
                        .map(cache -> Placement.affinity(user.affinity(), cache))
                        .orElse(user.affinity()))
                .withTopologySpreadConstraints(user.topologySpreadConstraints())
                .withImagePullSecrets(user.imagePullSecrets())
                .withContainers(container(build, order, rung))
                .withVolumes(volumes(build, order))
                .endSpec()
                .build();
    }

    /// Bytes of the request and the files that the pod carries; at most [#MAX_REQUEST_BYTES] fit.
    public static int requestBytes(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return Stream.of(
                        PodFiles.REQUEST_ANNOTATION, PodFiles.REGISTRIES_CONF_ANNOTATION, PodFiles.CA_BUNDLE_ANNOTATION)
                .map(name -> annotations.getOrDefault(name, ""))
                .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    /// The digest of the Flux artifact that a pod builds, as its request has it; empty for other sources.
    public static Optional<String> artifactDigest(Pod pod) {
        String request = pod.getMetadata().getAnnotations().get(PodFiles.REQUEST_ANNOTATION);
        try {
            return request != null && BuildRequest.parse(request).source() instanceof BuildRequest.Source.Flux flux
                    ? Optional.of(flux.digest())
                    : Optional.empty();
        } catch (ProtocolMismatch e) {
            // Made by another release, for whom there was no such source.
            return Optional.empty();
        }
    }

    private ObjectMeta metadata(ImageBuild build, PodOrder order, ChosenRung rung) {
        String name = build.getMetadata().getName();
        PodSettings user = build.getSpec().pod();
        String request = Requests.of(build, order, rung, settings).toJson();
        Map<String, String> more = new LinkedHashMap<>();
        order.cache().ifPresent(cache -> more.put(PodNames.CACHE, PodNames.label(cache.claimName())));
        if (!order.part().word().isEmpty()) {
            more.put(PodNames.PART, order.part().word());
        }
        return new ObjectMetaBuilder()
                .withNamespace(build.getMetadata().getNamespace())
                .withName(PodNames.of(name, order.generation(), order.part().word(), order.attempt()))
                .withLabels(KueueLabels.with(build, order.part()))
                .addToLabels("app.kubernetes.io/name", "kiln-builder")
                .addToLabels(PodNames.MANAGED_BY, PodNames.MANAGED_BY_KILN)
                .addToLabels(PodNames.IMAGE_BUILD, PodNames.label(name))
                .addToLabels(PodNames.GENERATION, Long.toString(order.generation()))
                .addToLabels(PodNames.ATTEMPT, Integer.toString(order.attempt()))
                .addToLabels(more)
                .withAnnotations(user.annotations())
                .addToAnnotations(PodFiles.REQUEST_ANNOTATION, request)
                .addToAnnotations(settings.defaults().files())
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(build.getApiVersion())
                        .withKind(build.getKind())
                        .withName(name)
                        .withUid(build.getMetadata().getUid())
                        .withController(true)
                        .build())
                .build();
    }

    private Container container(ImageBuild build, PodOrder order, ChosenRung rung) {
        PodSettings user = build.getSpec().pod();
        List<EnvVar> env = settings.defaults().environment(user.env());
        // An empty locale lets the JVM refuse file names beyond ASCII.
        env.removeIf(v -> v.getName().equals("LC_ALL"));
        env.add(new EnvVarBuilder().withName("LC_ALL").withValue("C.UTF-8").build());
        return new ContainerBuilder()
                .withName(PodNames.CONTAINER)
                .withImage(settings.image())
                .withImagePullPolicy(settings.imagePullPolicy())
                .withArgs("build-pod")
                .withEnv(env)
                .withResources(resources(build, order))
                .withVolumeMounts(mounts(build, order))
                .withTerminationMessagePath(PodFiles.REPORT)
                .withTerminationMessagePolicy("File")
                .withSecurityContext(security.ofBuilder(rung.rung()))
                .build();
    }

    private @Nullable ResourceRequirements resources(ImageBuild build, PodOrder order) {
        if (order.part().isSmall()) {
            return SMALL;
        }
        ResourceRequirements ordinary =
                settings.defaults().resources(build.getSpec().pod().resources());
        return order.memory()
                .map(memory -> RaisedMemory.of(ordinary, new Quantity(memory)))
                .orElse(ordinary);
    }

    private List<VolumeMount> mounts(ImageBuild build, PodOrder order) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(mount("request", PodFiles.REQUEST.substring(0, PodFiles.REQUEST.lastIndexOf('/')), true));
        if (build.getSpec().output().pushSecret() != null) {
            mounts.add(mount("push-secret", PodFiles.PUSH_SECRET, true));
        }
        if (order.part().isSmall()) {
            mounts.add(mount("work", PodFiles.WORK, false));
            return mounts;
        }
        SourceVolumes.of(build.getSpec().source())
                .forEach(source -> mounts.add(mount(source.volume().getName(), source.path(), true)));
        runSecrets(build)
                .forEach((volume, secret) -> mounts.add(mount(volume, PodFiles.RUN_SECRETS + "/" + secret, true)));
        mounts.add(mount("cache", PodFiles.CACHE, false));
        mounts.add(mount("work", PodFiles.WORK, false));
        return mounts;
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }

    private List<Volume> volumes(ImageBuild build, PodOrder order) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(requestVolume());
        String push = build.getSpec().output().pushSecret();
        if (push != null) {
            volumes.add(SecretVolumes.of("push-secret", push));
        }
        if (order.part().isSmall()) {
            volumes.add(workVolume());
            return volumes;
        }
        SourceVolumes.of(build.getSpec().source()).forEach(source -> volumes.add(source.volume()));
        runSecrets(build).forEach((volume, secret) -> volumes.add(SecretVolumes.of(volume, secret)));
        volumes.add(cacheVolume(order));
        volumes.add(workVolume());
        return volumes;
    }

    private static Volume workVolume() {
        return new VolumeBuilder()
                .withName("work")
                .withNewEmptyDir()
                .endEmptyDir()
                .build();
    }

    /// The Secrets that RUNs can ask for, each once, by the name of their volume.
    private static Map<String, String> runSecrets(ImageBuild build) {
        Set<String> secrets = new LinkedHashSet<>();
        build.getSpec().secrets().forEach(one -> secrets.add(one.secret()));
        build.getSpec().ssh().forEach(one -> secrets.add(one.secret()));
        Map<String, String> byVolume = new LinkedHashMap<>();
        secrets.forEach(secret -> byVolume.put("run-secret-" + byVolume.size(), secret));
        return byVolume;
    }

    /// All of it comes from annotations of the pod, so no ConfigMap has to be in the build's namespace.
    private Volume requestVolume() {
        List<DownwardAPIVolumeFile> files = new ArrayList<>();
        files.add(fromAnnotation(PodFiles.REQUEST_ANNOTATION, PodFiles.REQUEST));
        if (settings.defaults().registriesConf().isPresent()) {
            files.add(fromAnnotation(PodFiles.REGISTRIES_CONF_ANNOTATION, PodFiles.REGISTRIES_CONF));
        }
        if (settings.defaults().caBundle().isPresent()) {
            files.add(fromAnnotation(PodFiles.CA_BUNDLE_ANNOTATION, PodFiles.CA_BUNDLE));
        }
        return new VolumeBuilder()
                .withName("request")
                .withNewDownwardAPI()
                .withItems(files)
                .endDownwardAPI()
                .build();
    }

    private static DownwardAPIVolumeFile fromAnnotation(String annotation, String path) {
        return new DownwardAPIVolumeFileBuilder()
                .withPath(path.substring(path.lastIndexOf('/') + 1))
                .withNewFieldRef()
                .withFieldPath("metadata.annotations['" + annotation + "']")
                .endFieldRef()
                .build();
    }

    private static Volume cacheVolume(PodOrder order) {
        VolumeBuilder volume = new VolumeBuilder().withName("cache");
        return order.cache()
                .map(cache -> volume.withNewPersistentVolumeClaim(cache.claimName(), false)
                        .build())
                .orElseGet(() -> volume.withNewEmptyDir().endEmptyDir().build());
    }
}
