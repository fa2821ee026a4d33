package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.oci.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What holds for all stages: the ARGs before the first FROM, the predefined ones, and the values of both.
///
/// @param variables that a FROM can name, and that an ARG without a value takes its value from
/// @param buildArgs the user's values
/// @param epoch what `SOURCE_DATE_EPOCH` says; null if nobody said
/// @param target the platform to build for
/// @param platformNamed true if the user named the platform
record GlobalScope(
        Dockerfile dockerfile,
        Variables variables,
        Map<String, String> buildArgs,
        @Nullable Instant epoch,
        Platform target,
        boolean platformNamed) {

    static GlobalScope of(Dockerfile dockerfile, PlanRequest request, SourceTimes times) {
        Platform target = request.platform() != null ? request.platform() : request.buildPlatform();
        Variables variables = predefined(dockerfile, request, target);
        for (Instruction.Arg instruction : dockerfile.globalArgs()) {
            for (Instruction.Arg.Declaration one : instruction.declarations()) {
                String given = request.buildArgs().get(one.name());
                if (given != null) {
                    variables.set(one.name(), given);
                } else if (one.value() != null) {
                    variables.set(
                            one.name(),
                            dockerfile
                                    .expand(instruction.origin(), one.value(), variables)
                                    .text());
                }
            }
        }
        Map<String, String> buildArgs = new TreeMap<>(request.buildArgs());
        Instant epoch = Epoch.resolve(dockerfile, request, variables, times);
        Epoch.replace(epoch, variables, buildArgs);
        return new GlobalScope(dockerfile, variables, buildArgs, epoch, target, request.platform() != null);
    }

    private static Variables predefined(Dockerfile dockerfile, PlanRequest request, Platform target) {
        Platform build = request.buildPlatform();
        String stage =
                request.target().isEmpty() ? dockerfile.stages().getLast().name() : request.target();
        Variables variables = new Variables();
        variables.set("BUILDPLATFORM", build.toString());
        variables.set("BUILDOS", build.os());
        variables.set("BUILDOSVERSION", "");
        variables.set("BUILDARCH", build.architecture());
        variables.set("BUILDVARIANT", build.variant() == null ? "" : build.variant());
        variables.set("TARGETPLATFORM", withVersion(target, request.osVersion()));
        variables.set("TARGETOS", target.os());
        variables.set("TARGETOSVERSION", request.osVersion() == null ? "" : request.osVersion());
        variables.set("TARGETARCH", target.architecture());
        variables.set("TARGETVARIANT", target.variant() == null ? "" : target.variant());
        variables.set("TARGETSTAGE", stage.isEmpty() ? "default" : stage);
        for (String name : List.copyOf(variables.names())) {
            String given = request.buildArgs().get(name);
            if (given != null) {
                variables.set(name, given);
            }
        }
        return variables;
    }

    private static String withVersion(Platform platform, @Nullable String version) {
        String text = platform.toString();
        return version == null ? text : text.replaceFirst("/", "(" + version + ")/");
    }
}
