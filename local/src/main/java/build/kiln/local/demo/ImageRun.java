package build.kiln.local.demo;

import build.kiln.builder.oci.ContainerConfig;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Runs an image as a container by `crun`, with what the image itself says: user, environment, command.
record ImageRun(PulledFiles files, Path folder) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Mounts the layers where nobody else sees it, and becomes crun. That refuses machines which mix both versions of
    /// cgroups; such a machine has the second one in a folder of its own, which is hidden.
    private static final String SCRIPT = """
            [ ! -d /sys/fs/cgroup/unified ] || mount -t tmpfs none /sys/fs/cgroup/unified
            mount -t overlay -o "userxattr,lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/rootfs" || exit 125
            exec crun --root "$2/crun" --cgroup-manager=disabled run --bundle "$2" "$3"
            """;

    /// What a program said and how it ended.
    record Outcome(int exitCode, String output) {}

    Outcome run(String name) throws IOException, InterruptedException {
        for (String part : List.of("upper", "work", "rootfs", "crun")) {
            Files.createDirectories(folder.resolve(part));
        }
        JSON.writeValue(folder.resolve("config.json").toFile(), runtimeConfig());
        // An overlay names its highest layer first.
        String lower = files.layers().reversed().stream().map(Path::toString).collect(Collectors.joining(":"));
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
        command.addAll(List.of("sh", "-c", SCRIPT, "run", lower, folder.toString(), name));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    private ObjectNode runtimeConfig() throws IOException {
        ContainerConfig config = files.image().config().config();
        ObjectNode document = JSON.createObjectNode().put("ociVersion", "1.0.2").put("hostname", "demo");
        ObjectNode process = document.putObject("process").put("terminal", false);
        User user = user(config.user());
        process.putObject("user").put("uid", user.uid()).put("gid", user.gid());
        List<String> command =
                new ArrayList<>(Optional.ofNullable(config.entrypoint()).orElse(List.of()));
        command.addAll(Optional.ofNullable(config.cmd()).orElse(List.of()));
        command.forEach(process.putArray("args")::add);
        config.env().forEach(process.putArray("env")::add);
        process.put("cwd", config.workingDir().isEmpty() ? "/" : config.workingDir());
        process.put("noNewPrivileges", true);
        document.putObject("root").put("path", "rootfs");
        ArrayNode mounts = document.putArray("mounts");
        mount(mounts, "/proc", "proc");
        mount(mounts, "/dev", "tmpfs");
        ArrayNode namespaces = document.putObject("linux").putArray("namespaces");
        List.of("pid", "ipc", "uts", "mount")
                .forEach(kind -> namespaces.addObject().put("type", kind));
        return document;
    }

    private static void mount(ArrayNode mounts, String destination, String type) {
        mounts.addObject().put("destination", destination).put("type", type).put("source", type);
    }

    private record User(int uid, int gid) {}

    /// A name is looked up in the image's own list of users.
    private User user(String name) throws IOException {
        if (name.isEmpty()) {
            return new User(0, 0);
        }
        if (name.matches("[0-9]+(:[0-9]+)?")) {
            String[] ids = name.split(":", 2);
            return new User(Integer.parseInt(ids[0]), ids.length == 2 ? Integer.parseInt(ids[1]) : 0);
        }
        for (Path layer : files.layers().reversed()) {
            Path passwd = layer.resolve("etc/passwd");
            if (Files.isRegularFile(passwd, LinkOption.NOFOLLOW_LINKS)) {
                for (String line : Files.readAllLines(passwd)) {
                    String[] fields = line.split(":", -1);
                    if (fields.length > 3 && fields[0].equals(name)) {
                        return new User(Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
                    }
                }
            }
        }
        throw new DemoFailure("The image is to run as \"" + name + "\", and its /etc/passwd has no such user.");
    }
}
