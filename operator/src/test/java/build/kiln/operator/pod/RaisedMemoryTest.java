package build.kiln.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RaisedMemoryTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {limits: {memory: 1Gi}, requests: {memory: 256Mi, cpu: 1}} | 4Gi | {limits: {memory: 4Gi}, requests: {memory: 1073741824, cpu: 1}}
            {limits: {memory: 1Gi}, requests: {memory: 1Gi}} | 1536Mi | {limits: {memory: 1536Mi}, requests: {memory: 1536Mi}}
            {limits: {memory: 1Gi, cpu: 2}} | 2Gi | {limits: {memory: 2Gi, cpu: 2}}
            {requests: {memory: 1Gi}} | 2Gi | {limits: {memory: 2Gi}, requests: {memory: 1Gi}}
            | 2Gi | {limits: {memory: 2Gi}}
            """)
    void theRequestGrowsWithTheLimitAndNotBeyondIt(@Nullable String ordinary, String limit, String raised) {
        assertThat(RaisedMemory.of(ordinary == null ? null : read(ordinary), new Quantity(limit)))
                .isEqualTo(read(raised));
    }

    private static ResourceRequirements read(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, ResourceRequirements.class);
    }
}
