package build.kiln.builder.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The programs that a RUN is started with, asked for their versions.
public final class ToolVersions {

    private static final List<String> PROGRAMS = List.of("crun", "unshare", "nsenter", "setpriv", "newuidmap");
    private static final int MOST = 200;

    private ToolVersions() {}

    /// By program: the first line that it says of itself, or that it is not installed.
    public static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        for (String program : PROGRAMS) {
            all.put(program, version(program));
        }
        return all;
    }

    private static String version(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readNBytes(MOST), StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "does not answer";
            }
            // newuidmap knows no flag, and says how it is used.
            return process.exitValue() == 0 ? said.lines().findFirst().orElse("installed") : "installed";
        } catch (IOException e) {
            return "not installed";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "not asked";
        }
    }
}
