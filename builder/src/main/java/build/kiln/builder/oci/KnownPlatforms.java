package build.kiln.builder.oci;

import java.util.Set;

/// The words for operating systems and architectures, which are Go's.
final class KnownPlatforms {

    private static final Set<String> SYSTEMS = Set.of(
            "aix",
            "android",
            "darwin",
            "dragonfly",
            "freebsd",
            "hurd",
            "illumos",
            "ios",
            "js",
            "linux",
            "macos",
            "nacl",
            "netbsd",
            "openbsd",
            "plan9",
            "solaris",
            "windows",
            "zos");
    private static final Set<String> ARCHITECTURES = Set.of(
            "386",
            "amd64",
            "amd64p32",
            "arm",
            "arm64",
            "arm64be",
            "armbe",
            "loong64",
            "mips",
            "mips64",
            "mips64le",
            "mips64p32",
            "mips64p32le",
            "mipsle",
            "ppc",
            "ppc64",
            "ppc64le",
            "riscv",
            "riscv64",
            "s390",
            "s390x",
            "sparc",
            "sparc64",
            "wasm");

    private KnownPlatforms() {}

    static boolean isSystem(String word) {
        return SYSTEMS.contains(word);
    }

    static boolean isArchitecture(String word) {
        return ARCHITECTURES.contains(word);
    }
}
