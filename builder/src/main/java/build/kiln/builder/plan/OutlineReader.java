package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.instruction.Mount;
import build.kiln.builder.dockerfile.instruction.MountFlag;
import build.kiln.builder.dockerfile.words.Expansion;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads an [Outline]: of each stage that the target needs, the ARGs that it declares or its FROM names, and those that
/// their values are made of.
final class OutlineReader {

    /// A declaration, and the names in its value.
    private record Known(Outline.Argument argument, Set<String> parts) {}

    private final Dockerfile dockerfile;
    private final GlobalScope scope;
    private final Map<String, Known> global = new HashMap<>();
    private final Set<Outline.Argument> args = new LinkedHashSet<>();
    private final Map<String, Outline.Credential> secrets = new LinkedHashMap<>();
    private final Map<String, Outline.Credential> agents = new LinkedHashMap<>();

    OutlineReader(GlobalScope scope) {
        this.scope = scope;
        this.dockerfile = scope.dockerfile();
        Variables variables = new Variables();
        scope.predefined().forEach(variables::set);
        dockerfile.globalArgs().forEach(arg -> declare(arg, variables, global, Map.of()));
    }

    Outline read(StageDraft target) {
        StageGraph.neededBy(target).stream()
                .filter(draft -> !draft.replaced)
                .sorted(Comparator.comparingInt(StageDraft::index))
                .forEach(draft -> read(draft.stage));
        return new Outline(
                target.stage.name(),
                target.stage.description(),
                args.stream()
                        .sorted(Comparator.comparingInt(Outline.Argument::line).thenComparing(Outline.Argument::name))
                        .toList(),
                List.copyOf(secrets.values()),
                List.copyOf(agents.values()));
    }

    private void read(Stage stage) {
        Set<String> used = new HashSet<>(dockerfile
                .expand(stage.origin(), stage.base(), scope.variables())
                .matched());
        used.addAll(dockerfile
                .expand(stage.origin(), stage.platform(), scope.variables())
                .matched());
        Map<String, Known> known = new HashMap<>(global);
        Variables variables = new Variables();
        for (Instruction instruction : stage.instructions()) {
            switch (instruction) {
                case Instruction.Arg arg -> {
                    declare(arg, variables, known, global);
                    arg.declarations().forEach(one -> used.add(one.name()));
                }
                case Instruction.Env env ->
                    env.pairs()
                            .forEach(pair -> variables.set(
                                    pair.name(),
                                    dockerfile
                                            .expand(env.origin(), pair.value(), variables)
                                            .text()));
                case Instruction.Run run -> credentials(run, variables);
                default -> {}
            }
        }
        used.forEach(name -> use(name, known, new HashSet<>()));
    }

    /// @param inherited what an ARG without a value may take its value from; it then stays the one outside
    private void declare(
            Instruction.Arg arg, Variables variables, Map<String, Known> known, Map<String, Known> inherited) {
        for (Instruction.Arg.Declaration one : arg.declarations()) {
            String name = one.name();
            String given = scope.buildArgs().get(name);
            Known outside = inherited.get(name);
            if (given == null && one.value() == null && outside != null) {
                setIfKnown(variables, name, outside.argument().value());
                continue;
            }
            Set<String> parts = new HashSet<>();
            String value = given;
            if (given == null && one.value() != null) {
                Expansion expanded = dockerfile.expand(arg.origin(), one.value(), variables);
                value = expanded.text();
                parts.addAll(expanded.matched());
            }
            Known before = known.get(name);
            if (before != null && parts.contains(name)) {
                parts.addAll(before.parts());
            }
            setIfKnown(variables, name, value);
            known.put(
                    name,
                    new Known(
                            new Outline.Argument(
                                    name,
                                    value,
                                    one.description(),
                                    arg.origin().lines().first()),
                            parts));
        }
    }

    private static void setIfKnown(Variables variables, String name, @Nullable String value) {
        if (value != null) {
            variables.set(name, value);
        }
    }

    private void use(String name, Map<String, Known> known, Set<String> visited) {
        Known one = known.get(name);
        if (one == null || !visited.add(name)) {
            return;
        }
        args.add(one.argument());
        one.parts().forEach(part -> use(part, known, visited));
    }

    private void credentials(Instruction.Run run, Variables variables) {
        for (MountFlag flag : run.options().mounts()) {
            Mount mount = flag.resolve(
                    value -> dockerfile.expand(run.origin(), value, variables).text());
            int line = run.origin().lines().first();
            switch (mount.type()) {
                case SECRET -> {
                    String id = mount.id().isEmpty() ? mount.source() : mount.id();
                    add(secrets, id.isEmpty() ? GuestPath.base(mount.target()) : id, mount.required(), line);
                }
                case SSH -> add(agents, mount.id().isEmpty() ? "default" : mount.id(), mount.required(), line);
                case BIND, CACHE, TMPFS -> {}
            }
        }
    }

    private static void add(Map<String, Outline.Credential> all, String id, boolean required, int line) {
        all.merge(
                id,
                new Outline.Credential(id, required, line),
                (first, more) -> new Outline.Credential(id, first.required() || more.required(), first.line()));
    }
}
