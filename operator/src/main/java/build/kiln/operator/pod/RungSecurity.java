package build.kiln.operator.pod;

import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import org.jspecify.annotations.Nullable;

/// What a pod says of itself so that its RUNs get their rung, and nothing more. None of them asks for `privileged`.
///
/// `userns`, `nested` and `chroot` are admitted by Pod Security "baseline", `assemble` by "restricted".
final class RungSecurity {

    /// Who a builder is that may be anybody. The volumes' files belong to the group of the same number.
    private static final long NOBODY = 65_532;

    private final RungSettings settings;

    RungSecurity(RungSettings settings) {
        this.settings = settings;
    }

    /// `hostUsers`; null where nothing is said.
    static @Nullable Boolean hostUsers(Rung rung) {
        return switch (rung) {
            case USERNS -> false;
            case NESTED, CHROOT, ASSEMBLE -> null;
        };
    }

    /// Of the whole pod; null where nothing is said.
    static @Nullable PodSecurityContext ofPod(Rung rung) {
        return switch (rung) {
            case USERNS, NESTED, CHROOT -> null;
            case ASSEMBLE ->
                new PodSecurityContextBuilder()
                        .withFsGroup(NOBODY)
                        .withFsGroupChangePolicy("OnRootMismatch")
                        .build();
        };
    }

    SecurityContext ofBuilder(Rung rung) {
        return switch (rung) {
            case USERNS -> ownUserNamespace();
            case NESTED ->
                withProfiles(new SecurityContextBuilder().withRunAsUser(0L).withRunAsGroup(0L))
                        .build();
            case CHROOT ->
                new SecurityContextBuilder()
                        .withRunAsUser(0L)
                        .withRunAsGroup(0L)
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .build();
            case ASSEMBLE -> nobody();
        };
    }

    /// What a RUN needs for namespaces of its own inside the pod's user namespace.
    private SecurityContext ownUserNamespace() {
        return withProfiles(new SecurityContextBuilder()
                        .withRunAsUser(0L)
                        .withRunAsGroup(0L)
                        .withAllowPrivilegeEscalation(false)
                        .withProcMount("Unmasked")
                        .withNewCapabilities()
                        .withDrop("ALL")
                        .withAdd("SETUID", "SETGID", "SETFCAP", "CHOWN", "DAC_OVERRIDE", "FOWNER")
                        .endCapabilities())
                .build();
    }

    /// Profiles stay unset unless there are some of the cluster's own: the runtime's default ones forbid mounts, and
    /// `Unconfined` is for Pod Security "privileged" only.
    private SecurityContextBuilder withProfiles(SecurityContextBuilder context) {
        settings.seccompProfile()
                .ifPresent(file -> context.withNewSeccompProfile()
                        .withType("Localhost")
                        .withLocalhostProfile(file)
                        .endSeccompProfile());
        settings.appArmorProfile()
                .ifPresent(name -> context.withNewAppArmorProfile()
                        .withType("Localhost")
                        .withLocalhostProfile(name)
                        .endAppArmorProfile());
        return context;
    }

    private static SecurityContext nobody() {
        return new SecurityContextBuilder()
                .withRunAsNonRoot(true)
                .withRunAsUser(NOBODY)
                .withRunAsGroup(NOBODY)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }
}
