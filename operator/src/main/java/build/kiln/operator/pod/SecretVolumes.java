package build.kiln.operator.pod;

import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;

/// Secrets as volumes of a builder pod.
final class SecretVolumes {

    private static final int OWNER_ONLY = 0400;

    private SecretVolumes() {}

    /// Optional, so that a Secret that is missing is the builder's clear error and not a pod that never starts.
    static Volume of(String volume, String secret) {
        return new VolumeBuilder()
                .withName(volume)
                .withNewSecret()
                .withSecretName(secret)
                .withOptional(true)
                .withDefaultMode(OWNER_ONLY)
                .endSecret()
                .build();
    }
}
