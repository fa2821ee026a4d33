package build.kiln.builder.app;

import build.kiln.builder.execute.ImageFiles;
import build.kiln.builder.execute.RemoteContext;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.http.HttpLogin;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.PodFiles;
import java.nio.file.Path;
import java.util.List;

/// Sources of a pod that take more than what stands in the request.
final class PodSources {

    private static final String ARCHIVE = "spec.source.archive";
    private static final String PULL_SECRET = "spec.source.image.pullSecret";

    private PodSources() {}

    /// @param settings as base images are pulled with
    /// @throws build.kiln.builder.failure.RequestFailure `RequestInvalid`, `SecretInvalid`
    static Source image(BuildRequest.Source.Image image, Platform platform, RegistrySettings settings) {
        String secret = image.pullSecret();
        RegistrySettings named = settings.withCredentialNames(PULL_SECRET, PULL_SECRET);
        return new ImageFiles(
                secret == null
                        ? named
                        : named.withAuthFiles(List.of(
                                SecretFiles.needDockerConfig(Path.of(PodFiles.PULL_SECRET), secret, PULL_SECRET))),
                PodSetup.reference("spec.source.image.reference", image.reference()),
                platform,
                "spec.source.image");
    }

    /// @throws build.kiln.builder.failure.RequestFailure `SecretInvalid`
    static Source archive(BuildRequest.Source.Archive archive) {
        String sha256 = archive.sha256();
        String secret = archive.credentialsSecret();
        HttpLogin login = secret == null
                ? ArchiveLogin.WITHOUT
                : new ArchiveLogin(Path.of(PodFiles.ARCHIVE_SECRET), secret).read();
        return RemoteContext.ofArchive(new HttpFile(
                archive.url(), "archive", sha256 == null ? null : new Digest("sha256", sha256), login, ARCHIVE));
    }
}
