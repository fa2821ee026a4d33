package build.kiln.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which room may use which: app, then imagebuild, then all others. Among those, only status reads what policy decided
/// and what progress saw.
class RoomsTest {

    private static final String ROOT = "build.kiln.operator.";
    private static final Map<String, List<String>> MAY_USE = Map.ofEntries(
            entry(
                    "app",
                    List.of(
                            "flux",
                            "hook",
                            "status",
                            "imagebuild",
                            "pod",
                            "queue",
                            "progress",
                            "metrics",
                            "trace",
                            "web")),
            entry("imagebuild", List.of("flux", "pod", "queue", "policy", "progress", "status", "metrics", "trace")),
            entry("status", List.of("policy", "progress")),
            entry("flux", List.of()),
            entry("hook", List.of()),
            entry("pod", List.of()),
            entry("queue", List.of()),
            entry("policy", List.of()),
            entry("progress", List.of()),
            entry("metrics", List.of()),
            entry("trace", List.of()),
            entry("web", List.of()));

    private static final JavaClasses OPERATOR = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("build.kiln.operator");

    @Test
    void aRoomUsesOnlyTheRoomsBelowIt() {
        MAY_USE.forEach((room, below) -> {
            List<String> allowed = new ArrayList<>(below);
            allowed.add(room);
            String[] packages = allowed.stream().map(r -> ROOT + r).toArray(String[]::new);
            classes()
                    .that()
                    .resideInAPackage(ROOT + room)
                    .should()
                    .onlyDependOnClassesThat(
                            DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("build.kiln.operator.."))
                                    .or(JavaClass.Predicates.resideInAnyPackage(packages)))
                    .check(OPERATOR);
        });
    }

    @Test
    void everyPackageIsARoom() {
        classes()
                .should()
                .resideInAnyPackage(MAY_USE.keySet().stream().map(r -> ROOT + r).toArray(String[]::new))
                .check(OPERATOR);
    }

    @Test
    void roomsHaveNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("build.kiln.operator.(*)..")
                .should()
                .beFreeOfCycles()
                .check(OPERATOR);
    }

    @Test
    void whatIsPureNeitherCallsTheClusterNorReadsAClockOfItsOwn() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "pod", ROOT + "queue", ROOT + "policy", ROOT + "status")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(io.fabric8.kubernetes.client.KubernetesClient.class)
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("io.javaoperatorsdk..")
                .check(OPERATOR);
    }

    @Test
    void onlyAppReadsTheEnvironmentAndEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "app")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(OPERATOR);
    }

    @Test
    void theOperatorDoesNotKnowTheBuilder() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("build.kiln.builder..")
                .check(OPERATOR);
    }

    @Test
    void onlyTheStatusRoomMakesConditions() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "status")
                .should()
                .callConstructor(
                        build.kiln.crds.Condition.class,
                        String.class,
                        build.kiln.crds.Condition.Status.class,
                        Long.class,
                        String.class,
                        String.class,
                        String.class)
                .check(OPERATOR);
    }
}
