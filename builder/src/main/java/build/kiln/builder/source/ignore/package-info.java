/// What `.dockerignore` leaves out of the build context. Pure: texts and paths in, verdicts out.
@NullMarked
package build.kiln.builder.source.ignore;

import org.jspecify.annotations.NullMarked;
