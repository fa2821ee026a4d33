package build.kiln.local.node;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes a pod's volumes out of folders.
///
/// @param claims the folder that has one folder for each claim
/// @param pods the folder of this pod alone
/// @param memory a folder of this pod alone whose content is on no disk, for what secrets say
record PodVolumes(PodValues values, Path claims, Path pods, Path memory) {

    private static final int DEFAULT_MODE = 0644;

    /// A folder or file of the machine, and where the container sees it.
    record Mount(Path source, String target, boolean readOnly) {}

    /// The folder of each volume, filled.
    ///
    /// @throws MissingPiece if an object is not there
    /// @throws Refusal if a volume is of a kind that this node does not have
    Map<String, Path> make() throws IOException, MissingPiece {
        Map<String, Path> folders = new LinkedHashMap<>();
        for (JsonNode volume : values.pod().path("spec").path("volumes")) {
            String name = volume.path("name").asText();
            folders.put(name, volume(name, volume));
        }
        return folders;
    }

    private Path volume(String name, JsonNode volume) throws IOException, MissingPiece {
        if (volume.has("persistentVolumeClaim")) {
            String claim =
                    volume.path("persistentVolumeClaim").path("claimName").asText();
            return Files.createDirectories(claims.resolve("pvc-" + values.claim(claim)));
        }
        if (volume.has("emptyDir")) {
            boolean inMemory = volume.path("emptyDir").path("medium").asText("").equals("Memory");
            return Files.createDirectories(
                    (inMemory ? memory : pods).resolve("volumes").resolve(name));
        }
        if (volume.has("projected")) {
            Path folder = Files.createDirectories(memory.resolve("volumes").resolve(name));
            JsonNode projected = volume.get("projected");
            for (JsonNode source : projected.path("sources")) {
                fill(folder, source, projected.path("defaultMode").asInt(DEFAULT_MODE));
            }
            return folder;
        }
        if (volume.has("secret") || volume.has("configMap") || volume.has("downwardAPI")) {
            Path folder = Files.createDirectories(memory.resolve("volumes").resolve(name));
            JsonNode source = volume.path("secret");
            source = source.isMissingNode() ? volume.path("configMap") : source;
            source = source.isMissingNode() ? volume.path("downwardAPI") : source;
            fill(folder, volume, source.path("defaultMode").asInt(DEFAULT_MODE));
            return folder;
        }
        throw new Refusal("volume \"" + name + "\" is of a kind that this node does not have; it has configMap,"
                + " downwardAPI, emptyDir, persistentVolumeClaim, projected and secret");
    }

    private void fill(Path folder, JsonNode source, int mode) throws IOException, MissingPiece {
        if (source.has("secret")) {
            JsonNode secret = source.get("secret");
            String name = secret.path("secretName").asText(secret.path("name").asText());
            write(folder, values.secret(name, secret.get("optional")), secret, mode);
        } else if (source.has("configMap")) {
            JsonNode map = source.get("configMap");
            write(folder, values.configMap(map.path("name").asText(), map.get("optional")), map, mode);
        } else if (source.has("downwardAPI")) {
            for (JsonNode item : source.path("downwardAPI").path("items")) {
                if (!item.has("fieldRef")) {
                    throw new Refusal("a downwardAPI volume of this node has items with a fieldRef only");
                }
                String text =
                        values.field(item.path("fieldRef").path("fieldPath").asText());
                write(folder, item.path("path").asText(), text.getBytes(StandardCharsets.UTF_8), mode);
            }
        } else {
            throw new Refusal("a projected volume of this node has secret, configMap and downwardAPI sources only");
        }
    }

    private static void write(Path folder, Optional<Map<String, byte[]>> data, JsonNode source, int mode)
            throws IOException, MissingPiece {
        if (data.isEmpty()) {
            return;
        }
        if (!source.has("items")) {
            for (Map.Entry<String, byte[]> entry : data.get().entrySet()) {
                write(folder, entry.getKey(), entry.getValue(), mode);
            }
            return;
        }
        for (JsonNode item : source.get("items")) {
            String key = item.path("key").asText();
            byte[] value = data.get().get(key);
            if (value == null) {
                throw new MissingPiece("references non-existent secret key: " + key);
            }
            write(folder, item.path("path").asText(), value, item.path("mode").asInt(mode));
        }
    }

    private static void write(Path folder, String name, byte[] content, int mode) throws IOException {
        Path file = folder.resolve(name).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
            throw new Refusal("the path \"" + name + "\" leads out of its volume");
        }
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(
                        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
        Files.write(file, content);
        Files.setPosixFilePermissions(file, permissions(mode));
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromHighest = PosixFilePermission.values();
        for (int i = 0; i < fromHighest.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                permissions.add(fromHighest[i]);
            }
        }
        return permissions;
    }

    /// What the container sees of its volumes.
    static List<Mount> mounts(JsonNode container, Map<String, Path> folders) {
        List<Mount> mounts = new ArrayList<>();
        for (JsonNode mount : container.path("volumeMounts")) {
            Path folder = folders.get(mount.path("name").asText());
            String subPath = mount.path("subPath").asText("");
            if (folder == null || !subPath.isEmpty() || mount.has("subPathExpr")) {
                throw new Refusal("the mount at " + mount.path("mountPath").asText()
                        + " has a subPath, which this node does not know");
            }
            mounts.add(new Mount(
                    folder,
                    mount.path("mountPath").asText(),
                    mount.path("readOnly").asBoolean(false)));
        }
        return mounts;
    }
}
