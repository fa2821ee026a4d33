package build.kiln.builder.sandbox;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.source.ssh.SshAgent;
import java.nio.file.Path;
import java.util.List;

/// Something that a process sees at a path of its own, and that is no part of its image.
public sealed interface SandboxMount {

    /// Absolute, as the process sees it; links are followed within the image.
    String target();

    /// Whether the process may write.
    enum Access {
        READ_ONLY,
        READ_WRITE
    }

    /// A directory, file or socket of the builder's.
    ///
    /// @param source existing; links in it are followed on the builder's side, so resolve a path of an image
    ///     before
    /// @param options what else the mount is, in the words of the OCI runtime: `nosuid`
    record Bind(Path source, String target, Access access, List<String> options) implements SandboxMount {

        public Bind {
            options = List.copyOf(options);
        }

        public Bind(Path source, String target, Access access) {
            this(source, target, access, List.of());
        }
    }

    /// A directory of the builder's that is open already: nobody can put another in its place any more.
    ///
    /// @param source stays open until the process has ended
    record OpenDirectory(Directory source, String target, Access access) implements SandboxMount {}

    /// Memory that is gone afterwards.
    ///
    /// @param sizeBytes 0 for no limit of its own
    record Tmpfs(String target, long sizeBytes) implements SandboxMount {}

    /// A read-only file in memory that is gone afterwards: a secret, or a script. Never on any disk.
    record MemoryFile(String target, byte[] content, int mode, int uid, int gid) implements SandboxMount {

        @Override
        public String toString() {
            return "MemoryFile[" + target + "]";
        }
    }

    /// A socket at which an agent signs with keys that the process never sees.
    record Agent(String target, SshAgent agent, int mode, int uid, int gid) implements SandboxMount {

        @Override
        public String toString() {
            return "Agent[" + target + "]";
        }
    }
}
