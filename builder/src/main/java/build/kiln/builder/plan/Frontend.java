package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.parser.ParserDirective;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.util.Map;
import java.util.regex.Pattern;

/// The image that the parser directive `syntax` names, which elsewhere reads the file in the builder's place.
///
/// Kiln reads the language of Docker's own frontend, under whatever registry and version it is named. A file for
/// another
/// one is another language, whatever it looks like.
final class Frontend {

    private static final String BUILD_ARG = "BUILDKIT_SYNTAX";

    private static final Pattern DOCKERS = Pattern.compile("(?:.*/)?dockerfile(?:-upstream)?(?::[^/@]*)?(?:@.*)?");

    private Frontend() {}

    /// @param buildArgs of which `BUILDKIT_SYNTAX` counts instead of the directive
    /// @throws DockerfileFailure `NotSupportedYet` if the directive names another one than Docker's
    /// @throws RequestFailure the same of the build argument
    static void check(Dockerfile dockerfile, Map<String, String> buildArgs) {
        String given = image(buildArgs.getOrDefault(BUILD_ARG, ""));
        if (!given.isEmpty()) {
            if (isAnother(given)) {
                throw new RequestFailure(
                        Reason.NotSupportedYet,
                        "build argument " + BUILD_ARG,
                        "it gives the Dockerfile to the frontend \"" + given
                                + "\", and Kiln reads the language of docker/dockerfile alone.",
                        "Remove it if the file is a plain Dockerfile.");
            }
            return;
        }
        for (ParserDirective directive : dockerfile.directives()) {
            String image = image(directive.value());
            if (directive.name().equals("syntax") && isAnother(image)) {
                throw new DockerfileFailure(
                        Reason.NotSupportedYet,
                        dockerfile.name(),
                        directive.line(),
                        "",
                        "The directive syntax gives this file to the frontend \"" + image
                                + "\", and Kiln reads the language of docker/dockerfile alone.",
                        "Remove the line if the file is a plain Dockerfile.");
            }
        }
    }

    private static String image(String value) {
        return value.strip().split("\\s", 2)[0];
    }

    private static boolean isAnother(String image) {
        return !image.isEmpty() && !DOCKERS.matcher(image).matches();
    }
}
