package build.kiln.local.node;

import build.kiln.local.apiserver.object.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/// The Linux capabilities that a container may have at the most.
final class Capabilities {

    /// What container runtimes give to who asks for nothing.
    private static final List<String> USUAL = List.of(
            "chown",
            "dac_override",
            "fowner",
            "fsetid",
            "kill",
            "setgid",
            "setuid",
            "setpcap",
            "net_bind_service",
            "net_raw",
            "sys_chroot",
            "mknod",
            "audit_write",
            "setfcap");

    private Capabilities() {}

    /// As setpriv takes them.
    static String of(JsonNode container) {
        JsonNode wanted = container.path("securityContext").path("capabilities");
        List<String> dropped = words(wanted.path("drop"));
        TreeSet<String> kept = new TreeSet<>(dropped.contains("all") ? List.of() : USUAL);
        dropped.forEach(kept::remove);
        kept.addAll(words(wanted.path("add")));
        StringBuilder argument = new StringBuilder("-all");
        kept.forEach(capability -> argument.append(",+").append(capability));
        return argument.toString();
    }

    private static List<String> words(JsonNode list) {
        return Json.strings(list).stream()
                .map(word -> word.toLowerCase(Locale.ROOT).replaceFirst("^cap_", ""))
                .toList();
    }
}
