package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserNamespacesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "failed to set MOUNT_ATTR_IDMAP on /var/lib/kubelet/pods/7a/volumes/kubernetes.io~nfs/pv-nfs: invalid"
                        + " argument (maybe the filesystem used doesn't support idmap mounts on this kernel?)",
                "mount_setattr /var/lib/kubelet/pods/7a/volumes/kubernetes.io~nfs/pv-nfs: Invalid argument: OCI"
                        + " runtime error",
                "failed to start container: idmapped mounts are not supported by the file system"
            })
    void aVolumeThatKnowsNoMappedIds(String words) {
        assertThat(UserNamespaces.refusal(pod(false), words))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("Node node-1 cannot mount a volume of the pod with mapped ids (")
                        .hasSizeLessThanOrEqualTo(400));
        assertThat(UserNamespaces.refusal(pod(false), "x".repeat(2000) + words))
                .hasValueSatisfying(text -> assertThat(text).hasSizeLessThanOrEqualTo(400));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does"
                        + " not support user namespaces",
                "Failed to create pod sandbox: rpc error: code = Unknown desc = the handler \"runsc\" is not known to"
                        + " support user namespaces",
                "runc create failed: unable to start container process: error writing /proc/1234/uid_map: operation"
                        + " not permitted",
                "pod sandbox with user namespace: no free uidmap range"
            })
    void aNodeWithoutUserNamespaces(String words) {
        assertThat(UserNamespaces.refusal(pod(false), words))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("Node node-1 cannot give the pod a user namespace (")
                        .hasSizeLessThanOrEqualTo(400));
    }

    @Test
    void otherWordsAndOtherPodsAreAboutSomethingElse() {
        assertThat(UserNamespaces.refusal(pod(false), "exec: \"/builder\": stat /builder: no such file or directory"))
                .isEmpty();
        assertThat(UserNamespaces.refusal(pod(true), "failed to set MOUNT_ATTR_IDMAP"))
                .isEmpty();
    }

    private static Pod pod(boolean hostUsers) {
        return new PodBuilder()
                .withNewSpec()
                .withHostUsers(hostUsers)
                .withNodeName("node-1")
                .endSpec()
                .build();
    }
}
