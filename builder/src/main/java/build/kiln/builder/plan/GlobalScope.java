package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.oci.Platform;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What holds for all stages: the ARGs before the first FROM, the predefined ones, and the values of both.
///
/// @param variables that a FROM can name, and that an ARG without a value takes its value from
/// @param predefined those of them that nobody has to declare before a FROM uses them, with their own values
/// @param buildArgs the user's values
/// @param epoch what `SOURCE_DATE_EPOCH` says; null if nobody said
/// @param target the platform to build for
/// @param platformNamed true if the user named the platform
record GlobalScope(
        Dockerfile dockerfile,
        Variables variables,
        Map<String, String> predefined,
        Map<String, String> buildArgs,
        @Nullable Instant epoch,
        Platform target,
        boolean platformNamed) {

    static GlobalScope of(Dockerfile dockerfile, PlanRequest request, SourceTimes times) {
        Platform target = request.platform() != null ? request.platform() : request.buildPlatform();
        Map<String, String> predefined = predefined(dockerfile, request, target);
        Variables variables = new Variables();
        predefined.forEach(
                (name, value) -> variables.set(name, request.buildArgs().getOrDefault(name, value)));
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
        return new GlobalScope(dockerfile, variables, predefined, buildArgs, epoch, target, request.platform() != null);
    }

    private static Map<String, String> predefined(Dockerfile dockerfile, PlanRequest request, Platform target) {
        Platform build = request.buildPlatform();
        String stage =
                request.target().isEmpty() ? dockerfile.stages().getLast().name() : request.target();
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("BUILDPLATFORM", build.toString());
        variables.put("BUILDOS", build.os());
        variables.put("BUILDOSVERSION", "");
        variables.put("BUILDARCH", build.architecture());
        variables.put("BUILDVARIANT", build.variant() == null ? "" : build.variant());
        variables.put("TARGETPLATFORM", target.toString());
        variables.put("TARGETOS", target.os());
        variables.put("TARGETOSVERSION", target.osVersion() == null ? "" : target.osVersion());
        variables.put("TARGETARCH", target.architecture());
        variables.put("TARGETVARIANT", target.variant() == null ? "" : target.variant());
        variables.put("TARGETSTAGE", stage.isEmpty() ? "default" : stage);
        return variables;
    }
}
