package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.execute.Verification;
import build.kiln.builder.sandbox.NetworkAccess;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `--verify` and what goes with it.
class VerifyFlagsTest {

    @Test
    void aCommandIsWordsOrAJsonArray() {
        assertThat(verify(" /app/web  --version ", "", ""))
                .isEqualTo(new Verification(
                        List.of("/app/web", "--version"), Duration.ofSeconds(30), NetworkAccess.NONE, "--verify"));
        assertThat(verify("[\"sh\", \"-c\", \"a b; c\"]", "1m30s", "host"))
                .isEqualTo(new Verification(
                        List.of("sh", "-c", "a b; c"), Duration.ofSeconds(90), NetworkAccess.HOST, "--verify"));
        assertThat(verify(null, "", "")).isNull();
    }

    @Test
    void whatCannotBeUnderstoodIsRefused() {
        assertThatThrownBy(() -> verify("sh -c 'a b'", "", ""))
                .hasMessage(
                        "--verify sh -c 'a b': it has a character that a shell would act on, and there is no shell."
                                + " Write a JSON array, with a shell if you want one: --verify '[\"/bin/sh\", \"-c\", \"…\"]'.");
        assertThatThrownBy(() -> verify("[1]", "", ""))
                .hasMessage("--verify [1]: it has 1 in it, which is no string. Write --verify '[\"PROGRAM\","
                        + " \"ARGUMENT\"]'.");
        assertThatThrownBy(() -> verify("[]", "", "")).hasMessageContaining("it names no program.");
        assertThatThrownBy(() -> verify("[\"a\"", "", "")).hasMessageStartingWith("--verify [\"a\": not JSON");
        assertThatThrownBy(() -> verify(" ", "", ""))
                .hasMessage("--verify: it names no program. Write for example --verify '/app/web --version'.");
        assertThatThrownBy(() -> verify("a", "0s", ""))
                .hasMessage("--verify-timeout 0s: it is not a time. Write for example 90s or 1m30s.");
        assertThatThrownBy(() -> verify("a", "5", "")).hasMessageStartingWith("--verify-timeout 5: it is not a time.");
        assertThatThrownBy(() -> verify("a", "", "bridge"))
                .hasMessage(
                        "--verify-network bridge: there is no such network. Write none, or host for the network that"
                                + " RUNs have.");
        assertThatThrownBy(() -> verify(null, "5s", ""))
                .hasMessage("--verify-timeout: there is no --verify that it could be for. Write --verify COMMAND, or"
                        + " remove it.");
    }

    private static @Nullable Verification verify(@Nullable String command, String timeout, String network) {
        BuildOptions options = new BuildOptions();
        options.verify = command;
        options.verifyTimeout = timeout;
        options.verifyNetwork = network;
        return VerifyFlags.of(options);
    }
}
