package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.BuildFiles.Text;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildFilesTest {

    @TempDir
    Path folder;

    private Path source(String... lines) throws IOException {
        return TestTree.of(folder.resolve("source"), lines).toRealPath();
    }

    private static BuildFiles find(Path source, String contextDir, String dockerfile) {
        return BuildFiles.find(
                source, new AskedPath(contextDir, "spec.contextDir"), new AskedPath(dockerfile, "spec.dockerfile"));
    }

    private static BuildFailure failure(Path source, String contextDir, String dockerfile) {
        return catchThrowableOfType(BuildFailure.class, () -> find(source, contextDir, dockerfile));
    }

    @Test
    void theDockerfileAndTheRulesOfTheContextAreFound() throws IOException {
        Path source = source("web/Dockerfile", "web/.dockerignore", "Dockerfile");
        BuildFiles files = find(source, "web", "");
        assertThat(files.context()).isEqualTo(source.resolve("web"));
        assertThat(files.dockerfile()).isEqualTo(new Text("Dockerfile", "content of web/Dockerfile"));
        assertThat(files.ignoreFile()).isEqualTo(new Text(".dockerignore", "content of web/.dockerignore"));
        assertThat(find(source, ".", "Dockerfile").dockerfile().content()).isEqualTo("content of Dockerfile");
        assertThat(find(source, "", "").ignoreFile()).isNull();
    }

    @Test
    void rulesOfTheDockerfilesOwnWin() throws IOException {
        Path source = source("build/prod.Dockerfile", "build/prod.Dockerfile.dockerignore", ".dockerignore");
        BuildFiles files = find(source, ".", "build/prod.Dockerfile");
        assertThat(files.context()).isEqualTo(source);
        assertThat(files.dockerfile().name()).isEqualTo("build/prod.Dockerfile");
        assertThat(files.ignoreFile())
                .isEqualTo(new Text(
                        "build/prod.Dockerfile.dockerignore", "content of build/prod.Dockerfile.dockerignore"));
    }

    @Test
    void aLowerCaseDockerfileWillDo() throws IOException {
        assertThat(find(source("dockerfile"), ".", "").dockerfile().name()).isEqualTo("dockerfile");
        assertThat(find(source("dockerfile", "Dockerfile"), ".", "")
                        .dockerfile()
                        .name())
                .isEqualTo("Dockerfile");
    }

    @Test
    void aDockerfileThatIsALinkIsRead() throws IOException {
        Path source = source("Dockerfile -> Dockerfile.web", "Dockerfile.web");
        assertThat(find(source, ".", "").dockerfile()).isEqualTo(new Text("Dockerfile", "content of Dockerfile.web"));
    }

    @Test
    void aMissingDockerfileIsNamedWithTheNearestName() throws IOException {
        Path source = source("web/Dockerfile.prod", "web/x/");
        BuildFailure failure = failure(source, "web", "Dockerfile.prd");
        assertThat(failure.reason()).isEqualTo(Reason.DockerfileNotFound);
        assertThat(failure)
                .hasMessage(
                        "spec.dockerfile: there is no \"Dockerfile.prd\" in the build context. The nearest name there"
                                + " is \"Dockerfile.prod\". Add the Dockerfile, or name the one to build with in"
                                + " spec.dockerfile.");
        assertThat(failure(source, "web", "x"))
                .hasMessage("spec.dockerfile: \"x\" is not a file. Add the Dockerfile, or name the one to build with in"
                        + " spec.dockerfile.");
    }

    @Test
    void aDockerfileOutsideOfTheContextIsRefused() throws IOException {
        Path source = source("web/Dockerfile -> /etc/hostname", "web/file", "Dockerfile");
        assertThat(failure(source, "web", "../Dockerfile"))
                .hasMessage("spec.dockerfile: \"../Dockerfile\" climbs out of the build context. Name a path that stays"
                        + " inside.");
        assertThat(failure(source, "web", ""))
                .hasMessage(
                        "spec.dockerfile: \"Dockerfile\" leads out of the build context, by the link \"Dockerfile\" to"
                                + " \"/etc/hostname\". Name a path that stays inside.");
    }

    @Test
    void rulesThatLeadOutOfTheContextAreRefused() throws IOException {
        Path source = source("Dockerfile", ".dockerignore -> /etc/hostname");
        assertThat(failure(source, ".", "").reason()).isEqualTo(Reason.PathEscapes);
    }

    @Test
    void aMissingContextDirIsNamed() throws IOException {
        Path source = source("web/Dockerfile");
        BuildFailure failure = failure(source, "wbe", "");
        assertThat(failure.reason()).isEqualTo(Reason.SourceNotFound);
        assertThat(failure)
                .hasMessage(
                        "spec.contextDir: there is no folder \"wbe\" in the source. The nearest name there is \"web\"."
                                + " Correct the path; it starts at the root of the source.");
        assertThat(failure(source, "..", ""))
                .hasMessage("spec.contextDir: \"..\" climbs out of the source. Name a path that stays inside.");
    }

    @Test
    void onTheCommandLineTheDockerfileMayLieAnywhere() throws IOException {
        Path source = source("file", ".dockerignore");
        TestTree.of(folder.resolve("elsewhere"), "D", "E", "E.dockerignore");
        BuildFiles files = BuildFiles.findOutside(
                source, new AskedPath(folder.resolve("elsewhere/D").toString(), "--file"));
        assertThat(files.dockerfile()).isEqualTo(new Text("D", "content of D"));
        assertThat(files.ignoreFile()).isEqualTo(new Text(".dockerignore", "content of .dockerignore"));
        files = BuildFiles.findOutside(
                source, new AskedPath(folder.resolve("elsewhere/E").toString(), "--file"));
        assertThat(files.ignoreFile()).isEqualTo(new Text("E.dockerignore", "content of E.dockerignore"));
        BuildFailure failure = catchThrowableOfType(
                BuildFailure.class, () -> BuildFiles.findOutside(source, new AskedPath("/nowhere/D", "--file")));
        assertThat(failure)
                .hasMessage("--file: there is no file \"/nowhere/D\". Add the Dockerfile, or name the one to build with"
                        + " in --file.");
    }
}
