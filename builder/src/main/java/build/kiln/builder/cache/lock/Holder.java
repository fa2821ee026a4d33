package build.kiln.builder.cache.lock;

import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Who holds a lock.
///
/// @param name as people know it: `team-a/web-3-0` for a pod, `ann@laptop:4711` for a process
/// @param kernel tells running kernels apart; locks of one kernel are seen by all processes on it. Empty if unknown
public record Holder(String name, String kernel) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /// A holder on this machine.
    public static Holder here(String name) {
        try {
            return new Holder(name, Files.readString(BOOT_ID).strip());
        } catch (IOException e) {
            return new Holder(name, "");
        }
    }

    boolean isOnTheSameKernelAs(Holder other) {
        return !kernel.isEmpty() && kernel.equals(other.kernel);
    }

    byte[] toJson() {
        return Json.bytes(Json.object().put("name", name).put("kernel", kernel));
    }

    /// @throws IllegalArgumentException if the bytes are not a holder
    static Holder parse(byte[] json) {
        JsonNode node = Json.parse(json);
        return new Holder(Json.text(node, "name"), Json.text(node, "kernel"));
    }
}
