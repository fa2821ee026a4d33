package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can be given to the build of a target: arguments, secrets and SSH agents.
///
/// @param target its name; empty if it has none
/// @param description what a comment says about it; empty if there is none
/// @param args in the order of their lines
public record Outline(
        String target, String description, List<Argument> args, List<Credential> secrets, List<Credential> agents) {

    /// @param value null if it has none
    /// @param description what a comment says about it; empty if there is none
    /// @param line where it is declared, counted from 1
    public record Argument(String name, @Nullable String value, String description, int line) {}

    /// A secret or an agent.
    ///
    /// @param line of the RUN that asks for it first, counted from 1
    public record Credential(String id, boolean required, int line) {}

    public Outline {
        args = List.copyOf(args);
        secrets = List.copyOf(secrets);
        agents = List.copyOf(agents);
    }

    /// The outline of the request's target. No image is asked for: what an ONBUILD of a base wants is not told.
    ///
    /// @throws build.kiln.builder.failure.DockerfileFailure if the Dockerfile breaks a rule, or has no such target
    public static Outline of(Dockerfile dockerfile, PlanRequest request) {
        GlobalScope scope = GlobalScope.of(dockerfile, request, SourceTimes.unknown());
        StageGraph graph = StageGraph.of(dockerfile, scope, new Contexts(request.contexts()));
        StageDraft target = graph.target(request.target());
        return new OutlineReader(scope).read(target);
    }
}
