package build.kiln.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArrowsTest {

    private static final JavaClasses PROTOCOL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("build.kiln.protocol");

    @Test
    void protocolStandsOnTheJdkAndJacksonAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "build.kiln.protocol",
                        "java.lang..",
                        "java.util..",
                        "java.nio.charset",
                        "com.fasterxml.jackson..",
                        "org.jspecify..")
                .check(PROTOCOL);
    }
}
