package build.kiln.operator.pod;

import build.kiln.crds.ArchiveSource;
import build.kiln.crds.ConfigMapSource;
import build.kiln.crds.GitSource;
import build.kiln.crds.ImageSource;
import build.kiln.crds.Source;
import build.kiln.crds.VolumeSource;
import build.kiln.protocol.PodFiles;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.List;

/// What a builder needs of the namespace to get at its source; all of it is mounted read-only.
///
/// @param path where it is mounted
record SourceVolumes(Volume volume, String path) {

    static List<SourceVolumes> of(Source source) {
        List<SourceVolumes> all = new ArrayList<>();
        GitSource git = source.git();
        if (git != null && git.credentialsSecret() != null) {
            all.add(secret("git-secret", git.credentialsSecret(), PodFiles.GIT_SECRET));
        }
        ArchiveSource archive = source.archive();
        if (archive != null && archive.credentialsSecret() != null) {
            all.add(secret("archive-secret", archive.credentialsSecret(), PodFiles.ARCHIVE_SECRET));
        }
        ImageSource image = source.image();
        if (image != null && image.pullSecret() != null) {
            all.add(secret("pull-secret", image.pullSecret(), PodFiles.PULL_SECRET));
        }
        ConfigMapSource configMap = source.configMap();
        if (configMap != null) {
            all.add(new SourceVolumes(configMap(configMap.name()), PodFiles.SOURCE));
        }
        VolumeSource volume = source.volume();
        if (volume != null) {
            all.add(new SourceVolumes(
                    new VolumeBuilder()
                            .withName("source")
                            .withNewPersistentVolumeClaim(volume.claimName(), true)
                            .build(),
                    PodFiles.SOURCE));
        }
        return all;
    }

    /// Optional, so that one that is missing is the builder's clear error and not a pod that never starts.
    private static Volume configMap(String name) {
        return new VolumeBuilder()
                .withName("source")
                .withNewConfigMap()
                .withName(name)
                .withOptional(true)
                .endConfigMap()
                .build();
    }

    private static SourceVolumes secret(String volume, String secret, String path) {
        return new SourceVolumes(SecretVolumes.of(volume, secret), path);
    }
}
