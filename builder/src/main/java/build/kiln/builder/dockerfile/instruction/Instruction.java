package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Origin;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One instruction of a stage, its words as they are written. Where nothing was written, texts are empty.
///
/// @see <a href="https://docs.docker.com/reference/dockerfile/">Dockerfile reference</a>
public sealed interface Instruction {

    /// Where it stands and how it is written.
    Origin origin();

    /// `ADD`: files, remote files, git repositories and archives.
    ///
    /// @param checksum of a remote file, or the commit of a repository; unexpanded
    /// @param keepGitDir null if the flag was not given
    /// @param unpack null if the flag was not given: local archives are unpacked, remote ones are not
    record Add(
            Origin origin,
            Files files,
            String checksum,
            @Nullable Boolean keepGitDir,
            @Nullable Boolean unpack) implements Instruction {}

    /// `ARG`: variables that the user may set for the build.
    record Arg(Origin origin, List<Declaration> declarations) implements Instruction {

        public Arg {
            declarations = List.copyOf(declarations);
        }

        /// One variable.
        ///
        /// @param value its default; null if there is none
        /// @param description from a comment above, `# NAME what it is for`; empty if there is none
        public record Declaration(String name, @Nullable String value, String description) {}
    }

    /// `CMD`: what a container runs by default.
    record Cmd(Origin origin, CommandLine command) implements Instruction {}

    /// `COPY`: files from the context, a stage, an image or a named context.
    ///
    /// @param from unexpanded; empty for the build context
    record Copy(Origin origin, Files files, String from, boolean parents) implements Instruction {}

    /// `ENTRYPOINT`: what a container always runs.
    record Entrypoint(Origin origin, CommandLine command) implements Instruction {}

    /// `ENV`: variables of the build and of the container.
    record Env(Origin origin, List<Pair> pairs) implements Instruction {

        public Env {
            pairs = List.copyOf(pairs);
        }
    }

    /// `EXPOSE`: ports, `80`, `80/tcp` or `8000-8010`; sorted as texts.
    record Expose(Origin origin, List<String> ports) implements Instruction {

        public Expose {
            ports = List.copyOf(ports);
        }
    }

    /// `HEALTHCHECK`: how a running container is asked whether it is well.
    record Healthcheck(Origin origin, Check check) implements Instruction {

        /// The check itself.
        public sealed interface Check {

            /// No check, not even the base image's.
            record None() implements Check {}

            /// A command that ends with 0 while all is well. A duration or count of 0 means: not given.
            record Probe(
                    CommandLine command,
                    Duration interval,
                    Duration timeout,
                    Duration startPeriod,
                    Duration startInterval,
                    int retries)
                    implements Check {}
        }
    }

    /// `LABEL`: facts about the image.
    record Label(Origin origin, List<Pair> pairs) implements Instruction {

        public Label {
            pairs = List.copyOf(pairs);
        }
    }

    /// `MAINTAINER`: the author, in the old way.
    record Maintainer(Origin origin, String name) implements Instruction {}

    /// `ONBUILD`: an instruction for builds that start from this image.
    ///
    /// @param trigger that instruction as one line, and its heredocs below it
    record OnBuild(Origin origin, String trigger) implements Instruction {}

    /// `RUN`: a command whose changes become a layer.
    record Run(Origin origin, CommandLine command, Options options) implements Instruction {

        /// Its flags.
        ///
        /// @param used the names of the flags that were written, without `--`
        public record Options(
                List<MountFlag> mounts, Network network, Security security, List<Device> devices, Set<String> used) {

            public Options {
                mounts = List.copyOf(mounts);
                devices = List.copyOf(devices);
                used = Set.copyOf(used);
            }
        }

        /// `--network=`
        public enum Network {
            DEFAULT,
            NONE,
            HOST
        }

        /// `--security=`
        public enum Security {
            SANDBOX,
            INSECURE
        }

        /// `--device=name,required`
        ///
        /// @param required true if the build has to fail where there is no such device
        public record Device(String name, boolean required) {}
    }

    /// `SHELL`: the shell of the shell forms that follow. Never empty.
    record Shell(Origin origin, List<String> args) implements Instruction {

        public Shell {
            args = List.copyOf(args);
        }
    }

    /// `STOPSIGNAL`: the signal that asks a container to end.
    record StopSignal(Origin origin, String signal) implements Instruction {}

    /// `USER`: `user[:group]` of the RUNs that follow, and of the container.
    record User(Origin origin, String user) implements Instruction {}

    /// `VOLUME`: paths whose content lives outside of the container.
    record Volume(Origin origin, List<String> paths) implements Instruction {

        public Volume {
            paths = List.copyOf(paths);
        }
    }

    /// `WORKDIR`: the directory in which what follows works.
    record Workdir(Origin origin, String path) implements Instruction {}

    /// A name and its value, in ENV and LABEL.
    ///
    /// @param spaced true for the old form `ENV name value`, in which the value goes to the end of the line
    record Pair(String name, String value, boolean spaced) {}
}
