package build.kiln.e2e.row;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.e2e.registry.PulledImage;
import build.kiln.e2e.registry.PulledImage.ImageFile;
import build.kiln.e2e.row.Expectation.ExpectedFile;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A row that is data: objects, one or more ImageBuilds, and how each has to come out. The files are beside this class,
/// in
/// `src/main/resources`; docs/e2e.md has their form.
final class BuildRow implements Row {

    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final String name;
    private final Content content;

    /// What such a file holds.
    ///
    /// @param labels of the namespace
    /// @param needsPrivateRegistry its login and its base image are then `{{private...}}`
    /// @param objects created before the builds, in order
    /// @param builds by name; they run one after the other
    /// @param placeOf the row that labels and objects are taken from, instead of its own
    /// @param buildsOf the row that the builds are taken from, instead of its own
    /// @param isolation what these have to have besides; empty if nothing is said
    private record Content(
            String claim,
            Map<String, String> labels,
            boolean needsPrivateRegistry,
            List<JsonNode> objects,
            Map<String, Build> builds,
            String placeOf,
            String buildsOf,
            String isolation) {

        Content {
            labels = labels == null ? Map.of() : Map.copyOf(labels);
            objects = objects == null ? List.of() : List.copyOf(objects);
            builds = builds == null ? Map.of() : new LinkedHashMap<>(builds);
            placeOf = placeOf == null ? "" : placeOf;
            buildsOf = buildsOf == null ? "" : buildsOf;
            isolation = isolation == null ? "" : isolation;
        }

        static Content read(String name) {
            try (InputStream in = BuildRow.class.getResourceAsStream(name + ".yaml")) {
                return YAML.readValue(Objects.requireNonNull(in, name), Content.class)
                        .complete();
            } catch (IOException e) {
                throw new UncheckedIOException("The row " + name + " is not well formed.", e);
            }
        }

        private Content complete() {
            Content place = placeOf.isEmpty() ? this : read(placeOf);
            Map<String, Build> all = new LinkedHashMap<>();
            (buildsOf.isEmpty() ? this : read(buildsOf))
                    .builds()
                    .forEach((name, build) -> all.put(
                            name,
                            isolation.isEmpty()
                                    ? build
                                    : new Build(build.spec(), build.expect().isolatedBy(isolation))));
            return new Content(claim, place.labels(), needsPrivateRegistry, place.objects(), all, "", "", "");
        }
    }

    private record Build(JsonNode spec, Expectation expect) {}

    private BuildRow(String name, Content content) {
        this.name = name;
        this.content = content;
    }

    /// Reads `NAME.yaml`, which lies beside this class.
    static BuildRow read(String name) {
        return new BuildRow(name, Content.read(name));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String claim() {
        return content.claim();
    }

    @Override
    public Map<String, Map<String, String>> namespaces() {
        return Map.of(name, content.labels());
    }

    @Override
    public String tryIn(Stage stage) throws InterruptedException {
        Scene scene = Scene.in(stage, Stage.namespace(stage.run(), name));
        if (content.needsPrivateRegistry()) {
            PrivateValues.define(scene, stage.needPrivateRegistry());
        }
        for (JsonNode object : content.objects()) {
            scene.create(object);
        }
        List<String> rungs = new ArrayList<>();
        for (Map.Entry<String, Build> build : content.builds().entrySet()) {
            String rung = tryBuild(scene, build.getKey(), build.getValue());
            if (!rung.isEmpty() && !rungs.contains(rung)) {
                rungs.add(rung);
            }
        }
        return String.join(",", rungs);
    }

    private static String tryBuild(Scene scene, String build, Build wanted) throws InterruptedException {
        Expectation expect = wanted.expect().filled(scene::fill);
        Differences differences = new Differences();
        try {
            scene.build(build, wanted.spec());
        } catch (KubernetesClientException e) {
            throw new RowFailure("The API server refuses the ImageBuild %s: %s".formatted(build, e.getMessage()));
        }
        ImageBuild seen = scene.await(build, expect.atMost(), expect::isReached);
        differences.holds(
                expect.isReached(seen),
                "After %d s the build \"%s\" has not come to an end."
                        .formatted(expect.atMost().toSeconds(), build));
        expect.compare(seen, differences);
        differences.throwIfAny(scene.describe(seen));
        ImageBuildStatus status = Expectation.status(seen);
        if (expect.end() == Expectation.End.SUCCEEDED) {
            Images.check(scene, seen, differences);
            files(scene.pull(String.valueOf(status.image())), expect.files(), differences);
            differences.throwIfAny("");
        }
        return status.isolation() == null ? "" : status.isolation();
    }

    private static void files(PulledImage image, Map<String, ExpectedFile> expected, Differences differences) {
        expected.forEach((path, wanted) -> {
            ImageFile file = image.files().get(path);
            if (Boolean.TRUE.equals(wanted.absent())) {
                differences.holds(file == null, "The image has " + path + "; it should not.");
                return;
            }
            if (file == null) {
                differences.holds(false, "The image has no " + path + ".");
                return;
            }
            if (wanted.text() != null) {
                differences.equal("The content of " + path, file.text(), wanted.text());
            }
            if (wanted.mode() != null) {
                differences.equal("The mode of " + path, "%04o".formatted(file.mode()), wanted.mode());
            }
            if (wanted.uid() != null) {
                differences.equal("The owner of " + path, file.uid(), wanted.uid());
            }
        });
    }
}
