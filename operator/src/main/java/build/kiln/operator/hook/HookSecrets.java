package build.kiln.operator.hook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The secrets that git servers sign with: files of a mounted Secret, `<namespace>.<name>` for one ImageBuild, or
/// `<namespace>` for all of a namespace. Read anew each time, so that a change counts at once.
public final class HookSecrets {

    private static final Logger LOG = LoggerFactory.getLogger(HookSecrets.class);

    /// Shorter ones can be guessed.
    private static final int FEWEST_BYTES = 16;

    private static final int MOST_BYTES = 4096;

    private final Path folder;

    public HookSecrets(Path folder) {
        this.folder = folder;
    }

    /// The secret for an ImageBuild; of an unknown one, bytes that nothing was signed with.
    ///
    /// @param namespace and `name`: of the form of Kubernetes' names, so that they lead nowhere else
    byte[] of(String namespace, String name) {
        for (String file : List.of(namespace + "." + name, namespace)) {
            byte[] secret = read(file, namespace, name);
            if (secret.length >= FEWEST_BYTES) {
                return secret;
            }
            if (secret.length > 0) {
                LOG.atWarn()
                        .addKeyValue("namespace", namespace)
                        .addKeyValue("name", name)
                        .addKeyValue("key", file)
                        .log("A secret for webhooks is not used: it has less than {} bytes", FEWEST_BYTES);
            }
        }
        return new byte[0];
    }

    /// Without the line's end that editors add.
    private byte[] read(String file, String namespace, String name) {
        try {
            Path path = folder.resolve(file);
            if (!Files.isRegularFile(path) || Files.size(path) > MOST_BYTES) {
                return new byte[0];
            }
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1)
                    .replaceFirst("[\\r\\n]+$", "")
                    .getBytes(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("namespace", namespace)
                    .addKeyValue("name", name)
                    .addKeyValue("key", file)
                    .log("A secret for webhooks cannot be read: {}", e.toString());
            return new byte[0];
        }
    }

    /// Whether nobody has this secret.
    static boolean isNone(byte[] secret) {
        return Arrays.equals(secret, new byte[0]);
    }
}
