package build.kiln.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestCountTest {

    @Test
    void theMetricIsReadAsItIsWritten() {
        RequestCount count = RequestCount.of("""
            # TYPE kiln_api_requests_total counter
            kiln_api_requests_total{resource="pods",verb="create"} 12.0
            kiln_api_requests_total{resource="imagebuilds/status",verb="update"} 1.5E2
            kiln_builds_running 3.0
            """);

        assertThat(count.total()).isEqualTo(162);
        assertThat(count.perBuild(12))
                .isEqualTo("requests per build: create pods 1.00, update imagebuilds/status 12.50");
    }
}
