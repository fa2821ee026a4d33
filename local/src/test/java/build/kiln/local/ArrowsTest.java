package build.kiln.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

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

/// Which room may use which: app, then cluster, demo and training, then node and seed, then the API server, whose own
/// rooms are
/// listed with their part of the name.
class ArrowsTest {

    private static final String ROOT = "build.kiln.local.";
    private static final Map<String, List<String>> MAY_USE = Map.ofEntries(
            Map.entry("app", List.of("cluster", "demo", "node", "training")),
            Map.entry(
                    "cluster",
                    List.of(
                            "seed",
                            "node",
                            "apiserver",
                            "apiserver.resource",
                            "apiserver.storage",
                            "apiserver.type",
                            "apiserver.status",
                            "apiserver.object")),
            Map.entry("demo", List.of()),
            Map.entry(
                    "training",
                    List.of(
                            "apiserver",
                            "apiserver.http",
                            "apiserver.resource",
                            "apiserver.patch",
                            "apiserver.storage",
                            "apiserver.type",
                            "apiserver.object")),
            Map.entry("seed", List.of()),
            Map.entry(
                    "node",
                    List.of(
                            "apiserver.http",
                            "apiserver.resource",
                            "apiserver.patch",
                            "apiserver.storage",
                            "apiserver.type",
                            "apiserver.status",
                            "apiserver.object")),
            Map.entry(
                    "apiserver",
                    List.of(
                            "apiserver.http",
                            "apiserver.resource",
                            "apiserver.storage",
                            "apiserver.type",
                            "apiserver.object")),
            Map.entry(
                    "apiserver.http",
                    List.of(
                            "apiserver.discovery",
                            "apiserver.table",
                            "apiserver.selector",
                            "apiserver.resource",
                            "apiserver.patch",
                            "apiserver.storage",
                            "apiserver.type",
                            "apiserver.status",
                            "apiserver.object")),
            Map.entry("apiserver.discovery", List.of("apiserver.type", "apiserver.schema", "apiserver.object")),
            Map.entry("apiserver.table", List.of("apiserver.type", "apiserver.object")),
            Map.entry(
                    "apiserver.resource",
                    List.of(
                            "apiserver.patch",
                            "apiserver.storage",
                            "apiserver.type",
                            "apiserver.schema",
                            "apiserver.status",
                            "apiserver.object")),
            Map.entry("apiserver.selector", List.of("apiserver.type", "apiserver.status")),
            Map.entry("apiserver.patch", List.of("apiserver.schema", "apiserver.status", "apiserver.object")),
            Map.entry("apiserver.storage", List.of("apiserver.status", "apiserver.object")),
            Map.entry("apiserver.type", List.of("apiserver.schema", "apiserver.object")),
            Map.entry("apiserver.schema", List.of("apiserver.status", "apiserver.object")),
            Map.entry("apiserver.status", List.of("apiserver.object")),
            Map.entry("apiserver.object", List.of()));

    private static final JavaClasses LOCAL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("build.kiln.local");

    @Test
    void aRoomUsesOnlyTheRoomsBelowIt() {
        MAY_USE.forEach((room, below) -> {
            List<String> allowed = new ArrayList<>(below);
            allowed.add(room);
            String[] packages = allowed.stream().map(each -> ROOT + each).toArray(String[]::new);
            classes()
                    .that()
                    .resideInAPackage(ROOT + room)
                    .should()
                    .onlyDependOnClassesThat(
                            DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("build.kiln.local.."))
                                    .or(JavaClass.Predicates.resideInAnyPackage(packages)))
                    .check(LOCAL);
        });
    }

    @Test
    void everyPackageIsARoom() {
        classes()
                .should()
                .resideInAnyPackage(
                        MAY_USE.keySet().stream().map(room -> ROOT + room).toArray(String[]::new))
                .check(LOCAL);
    }

    @Test
    void roomsHaveNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("build.kiln.local.(**)")
                .should()
                .beFreeOfCycles()
                .check(LOCAL);
    }

    @Test
    void theApiServerIsNoPartOfKiln() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "apiserver..", ROOT + "node..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "build.kiln.builder..", "build.kiln.operator..", "build.kiln.crds..", "io.fabric8..")
                .check(LOCAL);
    }

    @Test
    void onlyNodeClusterDemoAndTrainingStartProcesses() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "node", ROOT + "cluster", ROOT + "demo", ROOT + "training")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .check(LOCAL);
    }

    @Test
    void onlyAppEndsTheProcessOrMakesAClock() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "app")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(java.time.Clock.class, "systemUTC")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(LOCAL);
    }
}
