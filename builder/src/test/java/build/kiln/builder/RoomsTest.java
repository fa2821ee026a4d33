package build.kiln.builder;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The rooms of the builder and the direction of their arrows.
class RoomsTest {

    private static final String ROOT = "build.kiln.builder.";

    /// Lowest first: a room uses only rooms before it.
    private static final List<String> ROOMS = List.of(
            "failure",
            "oci",
            "provenance",
            "linux",
            "dockerfile",
            "source",
            "plan",
            "layer",
            "registry",
            "cache",
            "exchange",
            "snapshot",
            "sandbox",
            "execute",
            "report",
            "app");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("build.kiln.builder");

    @Test
    void everyClassIsInAKnownRoom() {
        Set<String> found = CLASSES.stream().map(RoomsTest::room).collect(Collectors.toSet());
        assertThat(ROOMS).containsAll(found);
    }

    @Test
    void aRoomUsesOnlyRoomsBelowIt() {
        for (int i = 0; i < ROOMS.size(); i++) {
            for (String above : ROOMS.subList(i + 1, ROOMS.size())) {
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + ROOMS.get(i) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(ROOT + above + "..")
                        .allowEmptyShould(true)
                        .check(CLASSES);
            }
        }
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("build.kiln.builder.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyAppReadsTheEnvironmentOrExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "app..")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(CLASSES);
    }

    @Test
    void onlySandboxAndSnapshotStartProcesses() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "sandbox..", ROOT + "snapshot..")
                // Docker's credential helpers are programs by definition: an exception.
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "registry.HelperProgram")
                // And git, for repositories of a format that no library reads: it runs without configuration or hooks.
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "source.git.GitProgram")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class)
                .check(CLASSES);
    }

    @Test
    void onlySandboxAndSnapshotMount() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "sandbox..", ROOT + "snapshot..", ROOT + "linux..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(ROOT + "linux.Mounts")
                .check(CLASSES);
    }

    @Test
    void onlyRegistryAndSourceOpenSockets() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "registry..", ROOT + "source..", ROOT + "app.training..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..", "org.eclipse.jgit..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(java.net.Socket.class, java.nio.channels.SocketChannel.class)
                .check(CLASSES);
    }

    @Test
    void timeComesFromAnInjectedClock() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "app..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .check(CLASSES);
    }

    @Test
    void thereIsNoRoomForOddsAndEnds() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..misc..", "..impl..")
                .orShould()
                .haveNameMatching(".*(Utils?|Helper|Manager|Impl|Constants)")
                .check(CLASSES);
    }

    private static String room(JavaClass type) {
        String rest = type.getPackageName().substring(ROOT.length());
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}
