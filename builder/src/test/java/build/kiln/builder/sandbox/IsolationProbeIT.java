package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.sandbox.Isolation.LeftOut;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IsolationProbeIT {

    @TempDir
    Path folder;

    @Test
    @InNamespaces
    void everythingWorksInTheBuildersNamespaces() {
        Isolation isolation = new IsolationProbe(folder).probe();
        assertThat(isolation.leftOut()).isEmpty();
        assertThat(isolation.remarks()).isEmpty();
        assertThat(isolation.rung().word()).isEqualTo("userns");
    }

    @Test
    @InNamespaces
    void workspaceOnAnOverlayLeavesOnlyAssembling() {
        try (Snapshots snapshots = Snapshots.open(folder);
                RootFilesystem root = snapshots.mount(List.of())) {
            Isolation isolation = new IsolationProbe(root.root()).probe();
            assertThat(isolation.rung()).isEqualTo(Rung.ASSEMBLE);
            assertThat(isolation.leftOut())
                    .extracting(LeftOut::rung)
                    .containsExactly(Rung.USERNS, Rung.NESTED, Rung.CHROOT);
            assertThat(isolation.leftOut().getFirst().reason())
                    .contains("The folder lies on an overlay itself (a container's own root)");
        }
    }

    @Test
    @InNamespaces
    void rungsThatWouldShareTheMachinesPidsAreLeftOut() {
        Isolation isolation = new IsolationProbe(folder).probe(Rung.NESTED);
        assertThat(isolation.leftOut()).contains(new LeftOut(Rung.USERNS, "It was not asked for."));
        // In a container with a pid space of its own it works.
        assertThat(isolation.rung()).isIn(Rung.NESTED, Rung.ASSEMBLE);
    }

    @Test
    void theRefusalOfTheNamespacesIsTheReason() {
        Isolation isolation = new IsolationProbe(folder, "they are switched off.").probe();
        assertThat(isolation.leftOut())
                .contains(new LeftOut(Rung.USERNS, "they are switched off."))
                .contains(new LeftOut(Rung.NESTED, "they are switched off."));
    }

    @Test
    void runIsRefusedWithTheReasonsWhereItCannotBeIsolated() {
        Isolation isolation = new Isolation(
                Rung.ASSEMBLE,
                new IdMap(List.of(), List.of()),
                List.of(new LeftOut(Rung.USERNS, "crun is not installed.")),
                List.of());
        assertThatThrownBy(isolation::requireRun)
                .isInstanceOfSatisfying(
                        PlatformFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.IsolationUnavailable))
                .hasMessage("A RUN cannot be isolated here. crun is not installed. docs/security.md says what a RUN"
                        + " needs.");
    }
}
