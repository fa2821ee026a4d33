package build.kiln.builder.registry;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Runs `docker-credential-<name> get`, found on the PATH, with the server on its standard input.
///
/// @see <a href="https://github.com/docker/docker-credential-helpers#development">docker-credential-helpers</a>
final class HelperProgram implements CredentialStore {

    private static final int LIMIT_SECONDS = 30;
    private static final int LIMIT_BYTES = 1 << 20;

    @Override
    public Optional<byte[]> get(String name, String server) throws IOException, InterruptedException {
        if (!name.matches("[a-zA-Z0-9._-]+")) {
            throw new IOException("\"" + name + "\" is not the name of a credential helper");
        }
        String program = "docker-credential-" + name;
        Process process;
        try {
            process = new ProcessBuilder(program, "get")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new IOException(program + " could not be started; is it on the PATH?", e);
        }
        try {
            Thread.ofVirtual().start(() -> killLate(process));
            try (OutputStream in = process.getOutputStream()) {
                in.write(server.getBytes(StandardCharsets.UTF_8));
            }
            byte[] out = process.getInputStream().readNBytes(LIMIT_BYTES);
            int status = process.waitFor();
            if (status == 0) {
                return Optional.of(out);
            }
            if (new String(out, StandardCharsets.UTF_8).contains("credentials not found")) {
                return Optional.empty();
            }
            throw new IOException(program + " ended with exit status " + status);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void killLate(Process process) {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
