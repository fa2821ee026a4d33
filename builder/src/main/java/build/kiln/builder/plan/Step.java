package build.kiln.builder.plan;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One unit of work that makes a layer: exactly one, also when it changes nothing (a WORKDIR that exists, a RUN that
/// only reads). Instructions that only change the config are not steps: the plan has applied them already.
public sealed interface Step {

    Label label();

    /// True if the user asked that this step is not taken from the cache.
    boolean alwaysRuns();

    /// How the step is shown: `[build 2/4] RUN make`.
    ///
    /// @param number of the step within its stage, counted from 1; the base counts as one
    /// @param total number of steps of the stage, the base included
    /// @param text the instruction after expansion, on one line
    /// @param line of the instruction in the Dockerfile, counted from 1
    /// @param lineText the instruction's first line as it is written
    record Label(String stage, int number, int total, String text, int line, String lineText) {

        @Override
        public String toString() {
            return "[" + (stage.isEmpty() ? "" : stage + " ") + number + "/" + total + "] " + text;
        }
    }

    /// Runs a process in the stage's root file system.
    ///
    /// @param args program and arguments, the shell included where the shell form was used
    /// @param env `KEY=value`, each key once, in the order in which they were set: the image's own and the build
    ///     arguments that are in scope
    /// @param user `user[:group]`, names or numbers; empty for root
    /// @param cwd absolute
    /// @param stdin what the process reads; null for nothing
    /// @param uncachedEnv `KEY=value` that the process sees as well, and that neither cache key nor image knows:
    ///     proxies; no key stands here and in `env`
    /// @param devices of the machine that the process may use
    record Run(
            Label label,
            List<String> args,
            List<String> env,
            String user,
            String cwd,
            @Nullable String stdin,
            List<Mount> mounts,
            Network network,
            Security security,
            List<String> uncachedEnv,
            List<Device> devices,
            boolean alwaysRuns)
            implements Step {

        public Run {
            args = List.copyOf(args);
            env = List.copyOf(env);
            mounts = List.copyOf(mounts);
            uncachedEnv = List.copyOf(uncachedEnv);
            devices = List.copyOf(devices);
        }

        /// A run without proxies and devices.
        public Run(
                Label label,
                List<String> args,
                List<String> env,
                String user,
                String cwd,
                @Nullable String stdin,
                List<Mount> mounts,
                Network network,
                Security security,
                boolean alwaysRuns) {
            this(label, args, env, user, cwd, stdin, mounts, network, security, List.of(), List.of(), alwaysRuns);
        }
    }

    /// A device by its name in the Container Device Interface: `vendor.com/class=name`.
    ///
    /// @param required true if the step has to fail where there is no such device
    record Device(String name, boolean required) {}

    /// What a RUN may reach of the network.
    enum Network {
        DEFAULT,
        NONE,
        HOST
    }

    /// How a RUN is confined.
    enum Security {
        SANDBOX,
        INSECURE
    }

    /// Puts files into the image.
    ///
    /// @param sources in the order in which they are copied
    /// @param destination absolute; with a trailing slash if it has to be a directory
    /// @param chown `user[:group]`, names or numbers; null for root, and for what an ADD unpacks its own owners
    /// @param chmod octal or symbolic; null to keep the modes
    /// @param link true if the files do not depend on what lies below them
    /// @param parents true if the sources' parent directories are kept
    /// @param excludes patterns of what is left out
    /// @param workDir the stage's working directory, from which a relative destination was resolved
    record Copy(
            Label label,
            List<CopySource> sources,
            String destination,
            @Nullable String chown,
            @Nullable String chmod,
            boolean link,
            boolean parents,
            List<String> excludes,
            String workDir,
            boolean alwaysRuns)
            implements Step {

        public Copy {
            sources = List.copyOf(sources);
            excludes = List.copyOf(excludes);
        }
    }

    /// Makes a directory, and those above it that are missing.
    ///
    /// @param path absolute
    /// @param owner the user of the stage, to whom new directories belong; empty for root
    record Workdir(Label label, String path, String owner, boolean alwaysRuns) implements Step {}

    /// One source of a COPY or ADD.
    sealed interface CopySource {

        /// Files that a pattern matches.
        ///
        /// @param pattern with Go's `filepath.Match` wildcards; from the root of `from`, so it begins with `/`
        /// @param unpack true if an archive is unpacked instead of copied
        /// @param pivot for a copy that keeps parents: the directory (wildcards allowed) below which they
        ///     are kept; then `pattern` is relative to it. `/` where the user named none
        record Files(FileSource from, String pattern, boolean unpack, String pivot) implements CopySource {

            public Files(FileSource from, String pattern, boolean unpack) {
                this(from, pattern, unpack, "/");
            }
        }

        /// A file whose text stands in the Dockerfile.
        record Inline(String name, String text) implements CopySource {}

        /// A file behind a URL.
        ///
        /// @param checksum what its bytes have to add up to, `sha256:…`; null if nobody said
        /// @param unpack true if an archive is unpacked instead of copied
        record Url(String url, @Nullable String checksum, boolean unpack) implements CopySource {

            private static final String NAMELESS = "__unnamed__";

            /// What the file is called: the last name of the URL's path, whatever the server says.
            public String name() {
                try {
                    String path = GuestPath.clean(Objects.requireNonNullElse(new URI(url).getPath(), ""));
                    String last = path.substring(path.lastIndexOf('/') + 1);
                    return last.isEmpty() ? NAMELESS : last;
                } catch (URISyntaxException e) {
                    return NAMELESS;
                }
            }
        }

        /// A git repository's files.
        ///
        /// @param keepGitDir whether the folder `.git` is among them
        /// @param checksum how the id of the commit begins that the revision has to lead to; null if
        ///     nobody said
        record Git(
                GitReference repository,
                boolean keepGitDir,
                @Nullable String checksum) implements CopySource {}
    }

    /// Something that a RUN sees at a path of its own.
    sealed interface Mount {

        /// Files of the context, a stage or an image.
        ///
        /// @param writable true if the RUN may write; what it writes is thrown away
        record Bind(FileSource from, String source, String target, boolean writable) implements Mount {}

        /// A directory that outlives the build.
        record Cache(
                String id,
                String target,
                Sharing sharing,
                FileSource from,
                String source,
                int mode,
                int uid,
                int gid,
                boolean readOnly)
                implements Mount {}

        /// A secret as a file, as an environment variable, or as both.
        ///
        /// @param target null if it is no file
        /// @param env the variable's name; null if it is none
        record Secret(
                String id,
                @Nullable String target,
                @Nullable String env,
                boolean required,
                int mode,
                int uid,
                int gid) implements Mount {}

        /// A socket to the user's SSH agent.
        record Ssh(String id, String target, boolean required, int mode, int uid, int gid) implements Mount {}

        /// A read-only file whose text stands in the Dockerfile: a heredoc that names its own interpreter.
        record Inline(String target, String text, int mode) implements Mount {}

        /// Memory that is gone after the RUN.
        ///
        /// @param sizeBytes 0 for no limit of its own
        record Tmpfs(String target, long sizeBytes) implements Mount {}
    }

    /// Who may use a cache mount at the same time.
    enum Sharing {
        SHARED,
        PRIVATE,
        LOCKED
    }
}
