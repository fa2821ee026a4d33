package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder with a Dockerfile, optionally `request.json` and `bases.json` (image name to config), and what comes of it.
record GoldenCase(Path folder) {

    private static final Path ROOT = Path.of("src", "test", "resources", "plan");

    /// The images that every case may use, unless it brings its own.
    private static final String BASES = """
            {"base": {"os": "linux", "architecture": "amd64",
              "config": {"Env": ["PATH=/usr/bin:/bin", "LANG=C"], "Cmd": ["sh"]},
              "rootfs": {"type": "layers", "diff_ids":
                ["sha256:1111111111111111111111111111111111111111111111111111111111111111"]},
              "history": [{"created_by": "a base"}]}}
            """;

    static Stream<GoldenCase> all(String kind) {
        try (Stream<Path> folders = Files.list(ROOT.resolve(kind))) {
            return folders.sorted().map(GoldenCase::new).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the case is expected to lead to; written anew if `kiln.golden.write` is set, to be read before a commit.
    String expected(String file, String seen) {
        Path path = folder.resolve(file);
        try {
            if (Boolean.getBoolean("kiln.golden.write")) {
                Files.writeString(path, seen);
            }
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Plan plan() {
        return plan(text("Dockerfile").getBytes(StandardCharsets.UTF_8));
    }

    /// The case with another Dockerfile.
    Plan plan(byte[] dockerfile) {
        JsonNode request = read("request.json", "{}");
        return Planner.plan(Dockerfile.parse("Dockerfile", dockerfile), request(request), bases());
    }

    private PlanRequest request(JsonNode request) {
        Map<String, NamedContext> contexts = new TreeMap<>();
        Json.strings(request.path("contexts")).forEach((name, value) -> contexts.put(name, NamedContext.parse(value)));
        Set<PlanRequest.Entitlement> allowed = Stream.of(PlanRequest.Entitlement.values())
                .filter(one -> Json.list(request.path("allowed")).contains(one.word()))
                .collect(Collectors.toSet());
        String platform = request.path("platform").asText("");
        return PlanRequest.builder(Platform.parse("linux/amd64"))
                .target(request.path("target").asText(""))
                .buildArgs(Json.strings(request.path("buildArgs")))
                .labels(Json.strings(request.path("labels")))
                .platform(platform.isEmpty() ? null : Platform.parse(platform))
                .contexts(contexts)
                .noCache(noCache(request.path("noCache")))
                .network(Step.Network.valueOf(
                        request.path("network").asText("default").toUpperCase(Locale.ROOT)))
                .allowed(allowed)
                .naming(
                        request.path("byPlatform").asBoolean()
                                ? PlanRequest.Naming.BY_PLATFORM
                                : PlanRequest.Naming.BY_STAGE)
                .build();
    }

    private static NoCache noCache(JsonNode node) {
        if (node.isArray()) {
            return new NoCache.Stages(new HashSet<>(Json.list(node)));
        }
        return node.asText("none").equals("all") ? new NoCache.All() : new NoCache.None();
    }

    private BaseImages bases() {
        JsonNode configs = read("bases.json", BASES);
        return (name, platform, place) -> {
            JsonNode config = configs.get(name);
            if (config == null) {
                throw new RegistryFailure(
                        Reason.ImageNotFound, place, "The image " + name + " is not one of the case's.", "");
            }
            return image(name, ImageConfig.parse(Json.bytes(config)));
        };
    }

    private static BaseImage image(String name, ImageConfig config) {
        Digest manifest = Digest.parse("sha256:" + "a".repeat(64));
        List<Descriptor> layers = config.diffIds().stream()
                .map(diffId -> new Descriptor(MediaTypes.OCI_LAYER_GZIP, diffId.digest(), 10))
                .toList();
        String plain = name.startsWith("oci-layout://") ? "layout" : name;
        return new BaseImage(
                name,
                new ImageHome.Repository(ImageReference.parse(plain).withDigest(manifest)),
                manifest,
                config,
                layers);
    }

    private JsonNode read(String file, String otherwise) {
        String text = Files.exists(folder.resolve(file)) ? text(file) : otherwise;
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    String text(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
