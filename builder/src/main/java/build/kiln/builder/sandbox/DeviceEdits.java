package build.kiln.builder.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Collects what devices change of a container: the `containerEdits` of the Container Device Interface.
///
/// In a user namespace no device node can be made, so a node is a bind mount of the machine's own.
final class DeviceEdits {

    /// `intelRdt` needs the machine's root.
    private static final Set<String> KNOWN = Set.of("env", "deviceNodes", "mounts", "hooks", "additionalGids");

    /// Mount options that a user namespace may set. It may take no restriction away, and change no access times: with
    /// one of those the runtime would leave out all options, also `ro`.
    private static final List<String> OPTIONS = List.of("nosuid", "nodev", "noexec");

    /// What is true without them: all of what is mounted there is bound, and no mount gets in or out later.
    private static final Set<String> GIVEN = Set.of("bind", "rbind", "private", "rprivate");

    private final List<String> environment = new ArrayList<>();
    private final List<SandboxMount> mounts = new ArrayList<>();
    private final List<Long> groups = new ArrayList<>();
    private final ObjectNode hooks = JsonNodeFactory.instance.objectNode();

    void add(String device, JsonNode edits) throws DeviceException {
        for (String member : (Iterable<String>) edits::fieldNames) {
            if (!KNOWN.contains(member)) {
                throw new DeviceException("The device \"" + device + "\" asks for \"" + member
                        + "\", which a builder in a user namespace cannot give.");
            }
        }
        for (JsonNode entry : edits.path("env")) {
            if (entry.asText().indexOf('=') < 1) {
                throw new DeviceException("The device \"" + device + "\" sets the variable \"" + entry.asText()
                        + "\", which is not of the form NAME=VALUE.");
            }
            environment.add(entry.asText());
        }
        edits.path("additionalGids").forEach(gid -> groups.add(gid.asLong()));
        for (JsonNode node : edits.path("deviceNodes")) {
            String path = node.path("path").asText();
            mount(device, node.path("hostPath").asText(path), path, SandboxMount.Access.READ_WRITE, List.of());
        }
        for (JsonNode mount : edits.path("mounts")) {
            addMount(device, mount);
        }
        for (JsonNode hook : edits.path("hooks")) {
            ObjectNode copy = hook.deepCopy();
            String when = copy.remove("hookName").asText();
            hooks.withArray(when).add(copy);
        }
    }

    private void addMount(String device, JsonNode mount) throws DeviceException {
        String type = mount.path("type").asText("bind");
        if (!Set.of("", "none", "bind").contains(type)) {
            throw new DeviceException("The device \"" + device + "\" asks for a mount of type \"" + type
                    + "\"; only \"bind\" can be given.");
        }
        SandboxMount.Access access = SandboxMount.Access.READ_ONLY;
        List<String> options = new ArrayList<>();
        for (JsonNode node : mount.path("options")) {
            String option = node.asText();
            if (option.equals("rw")) {
                access = SandboxMount.Access.READ_WRITE;
            } else if (option.equals("ro")) {
                access = SandboxMount.Access.READ_ONLY;
            } else if (!GIVEN.contains(option)) {
                options.add(known(device, option));
            }
        }
        mount(
                device,
                mount.path("hostPath").asText(),
                mount.path("containerPath").asText(),
                access,
                options);
    }

    private static String known(String device, String option) throws DeviceException {
        if (!OPTIONS.contains(option)) {
            throw new DeviceException("The device \"" + device + "\" asks for the mount option \"" + option
                    + "\"; there are bind, rbind, private, rprivate, ro, rw, "
                    + String.join(", ", OPTIONS) + ".");
        }
        return option;
    }

    private void mount(String device, String source, String target, SandboxMount.Access access, List<String> options)
            throws DeviceException {
        Path path = Path.of(source);
        if (!path.isAbsolute() || !target.startsWith("/")) {
            throw new DeviceException("The device \"" + device + "\" puts \"" + source + "\" at \"" + target
                    + "\": both have to be absolute.");
        }
        if (!Files.exists(path)) {
            throw new DeviceException("The device \"" + device + "\" needs " + source + ", which is not there.");
        }
        mounts.add(new SandboxMount.Bind(path, target, access, options));
    }

    DeviceAccess access() {
        return new DeviceAccess(environment, mounts, groups, hooks);
    }
}
