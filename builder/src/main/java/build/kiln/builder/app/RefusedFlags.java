package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The flags that `docker build` and `docker buildx build` have and `kiln build` does not: they are known, so that the
/// user is told what to do instead. Values that ask for nothing are let through.
final class RefusedFlags {

    private static final List<String> NO = List.of("false", "0");
    private static final String IN_POD = "Set it on the machine, or as spec.pod.resources of an ImageBuild.";
    private static final String NOT_CONFINED_LESS = "Remove it: a RUN is confined as well as the machine allows.";
    private static final String SIGN = "Make and sign it from the pushed image, for example with cosign or syft.";

    /// @param value how the value is called; empty for a flag without one
    /// @param harmless values that change nothing
    private record Flag(String names, String value, List<String> harmless, String advice) {}

    private static final List<Flag> ALL = List.of(
            new Flag("--sbom", "GENERATOR", NO, SIGN),
            new Flag("--builder", "NAME", List.of("default"), "Remove it: kiln build runs on this machine."),
            new Flag(
                    "--load",
                    "",
                    List.of(),
                    "There is no Docker to load into. Write --output type=docker,dest=FILE, and then: docker load --input FILE"),
            new Flag("--cgroup-parent", "NAME", List.of(), IN_POD),
            new Flag("--cpu-period", "N", List.of("0"), IN_POD),
            new Flag("--cpu-quota", "N", List.of("0"), IN_POD),
            new Flag("--cpu-shares -c", "N", List.of("0"), IN_POD),
            new Flag("--cpuset-cpus", "LIST", List.of(""), IN_POD),
            new Flag("--cpuset-mems", "LIST", List.of(""), IN_POD),
            new Flag("--memory -m", "SIZE", List.of("0"), IN_POD),
            new Flag("--memory-swap", "SIZE", List.of("0"), IN_POD),
            new Flag("--security-opt", "OPTION", List.of(), NOT_CONFINED_LESS),
            new Flag("--squash", "", List.of(), "Remove it; COPY --from a last stage makes one layer."),
            new Flag("--stream", "", List.of(), "Remove it: only what is needed of the context is read anyway."),
            new Flag("--debug -D", "", List.of(), "Remove it; --progress plain shows everything that a RUN prints."),
            new Flag("--invoke", "COMMAND", List.of(), "Build with --target, and run the image."),
            new Flag("--policy", "FILE", List.of(), "Name images by digest, and sources by checksum."),
            new Flag("--server-config", "FILE", List.of(), "Remove it: there is no server."),
            new Flag(
                    "--root",
                    "FOLDER",
                    List.of(),
                    "Remove it: there is no server. --cache-dir says where the cache is."),
            new Flag("--detach", "", List.of(), "Remove it: there is no server."),
            new Flag("--print", "KIND", List.of(), "Write --call=outline or --call=targets."));

    private RefusedFlags() {}

    /// Makes the flags known to the command, hidden from its help.
    ///
    /// @param seen gets what has to be refused
    static void addTo(CommandSpec command, List<RequestFailure> seen) {
        for (Flag flag : ALL) {
            String[] names = flag.names().split(" ");
            OptionSpec.Builder option = OptionSpec.builder(names).hidden(true);
            if (flag.value().isEmpty()) {
                option.type(boolean.class).arity("0");
            } else {
                option.type(String.class).arity("1").paramLabel(flag.value());
            }
            option.setter(new picocli.CommandLine.Model.ISetter() {
                @Override
                public <T> T set(T value) {
                    if (value != null
                            && !Boolean.FALSE.equals(value)
                            && !flag.harmless().contains(value.toString())) {
                        seen.add(failure(names[0], flag.value().isEmpty() ? "" : " " + value, flag.advice()));
                    }
                    return value;
                }
            });
            command.addOption(option.build());
        }
    }

    private static RequestFailure failure(String name, String value, String advice) {
        return new RequestFailure(
                Reason.NotSupportedYet, name + value, "Kiln does not have this flag of Docker's.", advice);
    }

    /// The names of all of them.
    static List<String> names() {
        List<String> all = new ArrayList<>();
        ALL.forEach(flag -> all.addAll(List.of(flag.names().split(" "))));
        return all;
    }
}
