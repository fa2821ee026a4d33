package build.kiln.builder.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// What a process gets of the machine's devices: nodes and libraries as mounts, variables, groups, and programs that
/// crun starts around it.
///
/// @param environment `KEY=value`, before what the image says
/// @param mounts device nodes, files and folders of the machine
/// @param groups that the process is in besides its own
/// @param hooks in the form of the OCI runtime specification; empty for none. Not to be changed
public record DeviceAccess(List<String> environment, List<SandboxMount> mounts, List<Long> groups, ObjectNode hooks) {

    public static final DeviceAccess NONE =
            new DeviceAccess(List.of(), List.of(), List.of(), JsonNodeFactory.instance.objectNode());

    public DeviceAccess {
        environment = List.copyOf(environment);
        mounts = List.copyOf(mounts);
        groups = List.copyOf(groups);
    }
}
