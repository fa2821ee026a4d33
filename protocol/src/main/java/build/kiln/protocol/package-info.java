/// What operator and builder exchange: the request, the report and the progress lines of one build.
@NullMarked
package build.kiln.protocol;

import org.jspecify.annotations.NullMarked;
