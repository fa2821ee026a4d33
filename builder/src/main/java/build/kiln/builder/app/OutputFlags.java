package build.kiln.builder.app;

import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where the image goes and how, from all the flags that say something of it.
///
/// @param names all names that the image gets
/// @param push where it is pushed; may be empty
/// @param files where else it goes
/// @param epoch that no time in the image is later than; null if nobody said for the image as a whole
record OutputFlags(
        List<ImageReference> names,
        List<ImageReference> push,
        List<OutputOption> files,
        Compression compression,
        @Nullable Instant epoch,
        Annotations annotations) {

    /// @throws RequestFailure if a flag is wrong, or two contradict each other
    static OutputFlags of(BuildOptions options, Environment environment) {
        List<OutputOption> outputs =
                options.outputs.stream().map(OutputOption::parse).toList();
        List<ImageReference> names = new ArrayList<>();
        options.tags.forEach(tag -> names.add(Flags.reference("--tag", tag)));
        List<ImageReference> tags = List.copyOf(names);
        List<ImageReference> push = new ArrayList<>();
        Annotations annotations = Annotations.parse(options.annotations);
        boolean pushes = options.push;
        for (OutputOption output : outputs) {
            ImageAttributes image = attributes(output);
            if (image == null) {
                continue;
            }
            List<ImageReference> own = image.names().stream()
                    .map(name -> Flags.reference("--output", name))
                    .toList();
            own.stream().filter(name -> !names.contains(name)).forEach(names::add);
            annotations = annotations.and(image.annotations());
            if (output instanceof OutputOption.RegistryPush) {
                pushes = true;
                push.addAll(own);
            }
        }
        if (pushes) {
            tags.stream().filter(tag -> !push.contains(tag)).forEach(push::add);
            if (push.isEmpty()) {
                throw new RequestFailure(
                        Reason.RequestInvalid, "--push", "there is no name to push to.", "Add --tag REFERENCE.");
            }
        }
        Compression said = agreed("compression", outputs, ImageAttributes::compression);
        return new OutputFlags(
                names,
                push,
                outputs.stream()
                        .filter(output -> !(output instanceof OutputOption.RegistryPush
                                || output instanceof OutputOption.CacheOnly))
                        .toList(),
                said != null ? said : Flags.compression("--compression ", options.compression),
                epoch(options, environment, agreed("source-date-epoch", outputs, ImageAttributes::epoch)),
                annotations);
    }

    /// @throws RequestFailure if the platforms do not fit the outputs
    void check(List<Platform> platforms, BuiltImages.Form form) {
        if (form == BuiltImages.Form.MANIFEST) {
            annotations.checkForOnePlatform();
            return;
        }
        files.stream()
                .filter(one ->
                        one instanceof OutputOption.ImageArchive archive && archive.form() == OutputOption.Form.DOCKER)
                .findFirst()
                .ifPresent(_ -> {
                    throw new RequestFailure(
                            Reason.NotSupportedYet,
                            "--output type=docker",
                            platforms.size() > 1
                                    ? "an archive for Docker holds one platform, and there are " + platforms.size()
                                            + "."
                                    : "an archive for Docker holds no index, which BUILDKIT_MULTI_PLATFORM asks for.",
                            "Name one --platform, or use type=oci.");
                });
    }

    private static @Nullable ImageAttributes attributes(OutputOption output) {
        return switch (output) {
            case OutputOption.ImageArchive archive -> archive.image();
            case OutputOption.RegistryPush registry -> registry.image();
            case OutputOption.RootfsTar _, OutputOption.LocalFolder _, OutputOption.CacheOnly _ -> null;
        };
    }

    /// What all outputs say that say something: the layers are made once.
    private static <T> @Nullable T agreed(
            String key, List<OutputOption> outputs, Function<ImageAttributes, @Nullable T> question) {
        T first = null;
        for (OutputOption output : outputs) {
            ImageAttributes image = attributes(output);
            T said = image == null ? null : question.apply(image);
            if (first != null && said != null && !first.equals(said)) {
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        "--output",
                        "one output says " + key + "=" + first + ", and another one " + key + "=" + said + ".",
                        "All outputs of a build have the same image. Build twice for two images.");
            }
            first = first == null ? said : first;
        }
        return first;
    }

    /// The variable counts for the image as a whole; the build argument only for what the build makes.
    private static @Nullable Instant epoch(BuildOptions options, Environment environment, @Nullable Instant ofOutputs) {
        String given = Flags.buildArgs(options.buildArgs, environment).getOrDefault("SOURCE_DATE_EPOCH", "");
        if (ofOutputs != null) {
            String seconds = Long.toString(ofOutputs.getEpochSecond());
            if (given.matches("[0-9]{1,18}") && !given.equals(seconds)) {
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        "--output source-date-epoch=" + seconds,
                        "SOURCE_DATE_EPOCH is " + given + ", and a build has one epoch.",
                        "Give both the same value, or leave one out.");
            }
            return ofOutputs;
        }
        boolean fromVariable = environment.sourceDateEpoch().isPresent()
                && environment.sourceDateEpoch().get().equals(given);
        return fromVariable && given.matches("[0-9]{1,11}") ? Instant.ofEpochSecond(Long.parseLong(given)) : null;
    }
}
