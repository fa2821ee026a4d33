package build.kiln.builder.plan;

import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A stage between two of its instructions: config, variables, and the steps so far.
final class StageState {

    final StageBase base;
    final Platform platform;
    final ImageDraft image;
    final Variables variables;

    /// The ARGs that were declared, with what they were declared with; in the order of their first declaration.
    final Map<String, @Nullable String> arguments;

    final List<Step> steps = new ArrayList<>();

    /// What made the layers that this stage adds to its base's, for those that the history does not tell of.
    final List<String> layerDescriptions;

    boolean cmdSet;
    boolean workdirSet;

    private StageState(
            StageBase base,
            Platform platform,
            ImageDraft image,
            Variables variables,
            Map<String, @Nullable String> arguments,
            List<String> layerDescriptions,
            boolean workdirSet) {
        this.base = base;
        this.platform = platform;
        this.image = image;
        this.variables = variables;
        this.arguments = arguments;
        this.layerDescriptions = layerDescriptions;
        this.workdirSet = workdirSet;
    }

    /// A stage that starts from an image or from nothing.
    static StageState first(StageBase base, Platform platform, ImageDraft image) {
        List<String> descriptions = new ArrayList<>();
        image.diffIds.forEach(one -> descriptions.add("layer of the base image"));
        return new StageState(base, platform, image, new Variables(), new LinkedHashMap<>(), descriptions, false);
    }

    /// A stage that starts from this one.
    StageState next(int index) {
        return new StageState(
                new StageBase.Stage(index),
                platform,
                image.inherited(),
                variables.copy(),
                new LinkedHashMap<>(arguments),
                new ArrayList<>(layerDescriptions),
                workdirSet);
    }

    /// Absolute; the root where nothing was set.
    String workingDir() {
        return GuestPath.clean(image.isWindows() ? image.workingDir.replace('\\', '/') : image.workingDir);
    }

    /// What an ARG may add to a RUN's history: `|2 A=1 B=2 `.
    String argumentsText() {
        if (arguments.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("|").append(arguments.size()).append(' ');
        arguments.forEach((name, declared) -> {
            String value = variables.get(name);
            text.append(name).append('=').append(value != null ? value : declared == null ? "" : declared);
            text.append(' ');
        });
        return text.toString();
    }
}
