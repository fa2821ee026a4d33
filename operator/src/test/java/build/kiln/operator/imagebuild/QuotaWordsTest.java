package build.kiln.operator.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaWordsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5 | The build starts when there is.
            exceeded quota: q, requested: requests.cpu=2,requests.memory=1Gi, used: requests.cpu=3,requests.memory=0, limited: requests.cpu=4,requests.memory=1024Mi | The build starts when there is.
            exceeded quota: q, requested: requests.cpu=2500m,requests.memory=3Gi, used: requests.cpu=0,requests.memory=0, limited: requests.cpu=2,requests.memory=2Gi | It asks for more than the quota has at all (requests.cpu: 2500m of 2, requests.memory: 3Gi of 2Gi): lower spec.pod.resources, or raise the quota.
            exceeded quota: q, requested: count/pods=1, used: count/pods=0, limited: count/pods=0 | It asks for more than the quota has at all (count/pods: 1 of 0): lower spec.pod.resources, or raise the quota.
            exceeded quota: what a later release says | The build starts when there is.
            """)
    void whatNeverFitsIsSaid(String words, String end) {
        assertThat(QuotaWords.ofPod("web-1-0", "pods \"web-1-0\" is forbidden: " + words))
                .isEqualTo("Pod web-1-0 has no room in the namespace's quota: " + words + ". " + end);
    }
}
