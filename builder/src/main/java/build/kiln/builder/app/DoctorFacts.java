package build.kiln.builder.app;

import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.Surroundings;
import build.kiln.builder.sandbox.ToolVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// What `kiln doctor` tells besides the rungs, by name, in the order in which it stands there.
final class DoctorFacts {

    private static final Map<Long, String> FILE_SYSTEMS = Map.of(
            0xEF53L, "ext4",
            0x58465342L, "xfs",
            0x9123683EL, "btrfs",
            0x01021994L, "tmpfs",
            0x794c7630L, "overlay",
            0x6969L, "nfs",
            0x00c36400L, "ceph");

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private DoctorFacts() {}

    static Map<String, String> of(Path cache, Isolation isolation, Environment environment) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(
                "kernel",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        surroundings(all);
        all.put(
                "uid map",
                isolation.ids().uids().stream()
                        .map(extent -> extent.first() + " " + extent.outside() + " " + extent.count())
                        .collect(Collectors.joining(", ")));
        all.put("cgroups", cgroups());
        all.put("cache", cache.toString());
        all.put("cache volume", volume(cache));
        ToolVersions.all().forEach(all::put);
        all.put("libisal", Compressor.of(Compression.GZIP).warning().orElse("found: gzip is compressed by it"));
        Path registries = environment.registriesConf();
        all.put("registries.conf", registries + (Files.exists(registries) ? "" : " (there is none)"));
        Path credentials = environment.credentials();
        all.put("credentials", credentials + (Files.exists(credentials) ? "" : " (there are none)"));
        return all;
    }

    private static void surroundings(Map<String, String> all) {
        try {
            Surroundings here = Surroundings.ofThisProcess();
            all.put("user", Long.toString(here.uid()));
            all.put(
                    "capabilities",
                    here.capabilities().isEmpty()
                            ? "none"
                            : here.hasAllCapabilities()
                                    ? "all"
                                    : here.capabilities().stream()
                                            .map(one -> one.substring("CAP_".length()))
                                            .sorted()
                                            .collect(Collectors.joining(" ")));
            all.put(
                    "seccomp",
                    switch (here.seccomp()) {
                        case NONE -> "no filter";
                        case STRICT -> "strict";
                        case FILTER -> "a filter";
                    });
            all.put("AppArmor", here.profile().isEmpty() ? "no profile" : here.profile());
            all.put(
                    "no_new_privs",
                    switch (here.noNewPrivileges()) {
                        case SET -> "set";
                        case UNSET -> "not set";
                    });
        } catch (IOException e) {
            all.put("user", "/proc cannot be read: " + e.getMessage());
        }
    }

    private static String cgroups() {
        if (Files.exists(CGROUPS.resolve("cgroup.controllers"))) {
            return "version 2";
        }
        return Files.exists(CGROUPS.resolve("unified")) ? "versions 1 and 2 side by side" : "version 1, or none";
    }

    private static String volume(Path cache) {
        try {
            FileSystemStatus status = FileSystemStatus.of(NativePath.of(cache));
            String type = FILE_SYSTEMS.getOrDefault(status.type(), "type 0x" + Long.toHexString(status.type()));
            return type + ", " + gib(status.availableBytes()) + " free of " + gib(status.totalBytes());
        } catch (SystemCallFailure e) {
            return "cannot be asked: " + e.getMessage();
        }
    }

    private static String gib(long bytes) {
        return Math.round(bytes / 1024.0 / 1024 / 1024 * 10) / 10.0 + " GiB";
    }
}
