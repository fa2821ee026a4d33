package build.kiln.bench.stub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.bench.operator.ApiTarget;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodWritesTest {

    @TempDir
    Path folder;

    @Test
    void aPodThatIsBoundAlreadyIsBoundAndNotAnothers() throws Exception {
        try (ApiTarget target = ApiTarget.embedded(folder, Clock.systemUTC())) {
            Pod pod = target.client()
                    .resource(new PodBuilder()
                            .withNewMetadata()
                            .withNamespace("default")
                            .withName("web-1-0")
                            .endMetadata()
                            .withNewSpec()
                            .addNewContainer()
                            .withName("builder")
                            .withImage("builder")
                            .endContainer()
                            .endSpec()
                            .build())
                    .create();
            PodWrites node = new PodWrites(target.client(), "node-1");
            node.bind(pod);
            node.bind(pod);
            assertThat(target.client().resource(pod).get().getSpec().getNodeName())
                    .isEqualTo("node-1");
            assertThatThrownBy(() -> new PodWrites(target.client(), "node-2").bind(pod))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("already assigned");
        }
    }
}
