package build.kiln.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class RoomsTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("build.kiln.e2e");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("build.kiln.e2e.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void whatIsTriedIsNotWhatTries() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "build.kiln.operator..", "build.kiln.builder..", "build.kiln.protocol..", "build.kiln.local..")
                .because("the suite sees Kiln as its users do: by its resources, its chart and its images")
                .check(CLASSES);
    }
}
