package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.parser.ParserDirective;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import java.util.regex.Pattern;

/// The image that the parser directive `syntax` names, which elsewhere reads the file in the builder's place.
///
/// Kiln reads the language of Docker's own frontend, under whatever registry and version it is named. A file for
/// another
/// one is another language, whatever it looks like.
final class Frontend {

    private static final Pattern DOCKERS = Pattern.compile("(?:.*/)?dockerfile(?:-upstream)?(?::[^/@]*)?(?:@.*)?");

    private Frontend() {}

    /// @throws DockerfileFailure `NotSupportedYet` if it is not Docker's
    static void check(Dockerfile dockerfile) {
        for (ParserDirective directive : dockerfile.directives()) {
            String image = directive.value().strip().split("\\s", 2)[0];
            if (directive.name().equals("syntax")
                    && !image.isEmpty()
                    && !DOCKERS.matcher(image).matches()) {
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
}
