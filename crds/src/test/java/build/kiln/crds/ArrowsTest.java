package build.kiln.crds;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArrowsTest {

    private static final JavaClasses CRDS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("build.kiln.crds");

    @Test
    void theApiStandsOnTheKubernetesModelAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "build.kiln.crds",
                        "java.lang..",
                        "java.util..",
                        "com.fasterxml.jackson.annotation",
                        "io.fabric8.kubernetes..",
                        "io.fabric8.generator.annotation",
                        "io.fabric8.crd.generator.annotation",
                        "org.jspecify..")
                .check(CRDS);
    }
}
