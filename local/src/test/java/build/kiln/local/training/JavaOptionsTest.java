package build.kiln.local.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The files that the virtual machines of operator and builder are started with.
class JavaOptionsTest {

    @ParameterizedTest
    @ValueSource(strings = {"../images/operator/java-options", "../builder/src/main/sh/java-options"})
    void everyCipherSuiteOfJavaIsOfferedAndTheQuickOnesFirst(String options) throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + options,
                        "-cp",
                        Path.of(Suites.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                                .toString(),
                        Suites.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> offered =
                new String(java.getInputStream().readAllBytes()).lines().toList();
        assertThat(java.waitFor()).isZero();
        assertThat(offered)
                .containsExactlyInAnyOrderElementsOf(Suites.ofClients())
                .isSortedAccordingTo(Comparator.comparing(name -> !name.contains("_CHACHA20_")));
    }

    /// Prints what a client offers.
    static final class Suites {

        private Suites() {}

        static List<String> ofClients() throws Exception {
            return List.of(SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites());
        }

        public static void main(String[] arguments) throws Exception {
            ofClients().forEach(System.out::println);
        }
    }
}
