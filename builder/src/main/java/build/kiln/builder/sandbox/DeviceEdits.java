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
        edits.path("env").forEach(entry -> environment.add(entry.asText()));
        edits.path("additionalGids").forEach(gid -> groups.add(gid.asLong()));
        for (JsonNode node : edits.path("deviceNodes")) {
            String path = node.path("path").asText();
            mount(device, node.path("hostPath").asText(path), path, SandboxMount.Access.READ_WRITE);
        }
        for (JsonNode mount : edits.path("mounts")) {
            boolean writable = false;
            for (JsonNode option : mount.path("options")) {
                writable |= option.asText().equals("rw");
            }
            mount(
                    device,
                    mount.path("hostPath").asText(),
                    mount.path("containerPath").asText(),
                    writable ? SandboxMount.Access.READ_WRITE : SandboxMount.Access.READ_ONLY);
        }
        for (JsonNode hook : edits.path("hooks")) {
            ObjectNode copy = hook.deepCopy();
            String when = copy.remove("hookName").asText();
            hooks.withArray(when).add(copy);
        }
    }

    private void mount(String device, String source, String target, SandboxMount.Access access) throws DeviceException {
        Path path = Path.of(source);
        if (!path.isAbsolute() || !target.startsWith("/")) {
            throw new DeviceException("The device \"" + device + "\" puts \"" + source + "\" at \"" + target
                    + "\": both have to be absolute.");
        }
        if (!Files.exists(path)) {
            throw new DeviceException("The device \"" + device + "\" needs " + source + ", which is not there.");
        }
        mounts.add(new SandboxMount.Bind(path, target, access));
    }

    DeviceAccess access() {
        return new DeviceAccess(environment, mounts, groups, hooks);
    }
}
