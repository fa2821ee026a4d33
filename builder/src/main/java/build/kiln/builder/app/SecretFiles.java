package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Secret that is mounted as a folder, one file a key.
final class SecretFiles {

    private SecretFiles() {}

    /// The file of one key.
    ///
    /// @param field of the ImageBuild that names the Secret
    /// @param advice how to create it
    /// @throws RequestFailure `SecretInvalid` if the Secret does not have the key; says which keys it has
    static Path need(Path folder, String secret, String field, String key, String advice) {
        Path file = folder.resolve(key);
        if (Files.isRegularFile(file)) {
            return file;
        }
        String keys = keys(folder);
        throw new RequestFailure(
                Reason.SecretInvalid,
                field,
                keys.isEmpty()
                        ? "there is no Secret \"" + secret + "\" in the namespace, or it is empty."
                        : "the Secret \"" + secret + "\" has no key \"" + key + "\"; it has " + keys + ".",
                advice);
    }

    /// The file with the credentials of a Secret of type `kubernetes.io/dockerconfigjson`.
    ///
    /// @throws RequestFailure `SecretInvalid`
    static Path needDockerConfig(Path folder, String secret, String field) {
        return need(
                folder,
                secret,
                field,
                ".dockerconfigjson",
                "Create it with: kubectl create secret docker-registry " + secret
                        + " --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD");
    }

    private static String keys(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("..")) // the kubelet's own links
                    .sorted()
                    .map(name -> "\"" + name + "\"")
                    .collect(Collectors.joining(", "));
        } catch (IOException e) {
            return "";
        }
    }
}
