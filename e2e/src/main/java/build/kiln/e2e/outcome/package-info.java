/// What was seen, as a table and as JSON.
@NullMarked
package build.kiln.e2e.outcome;

import org.jspecify.annotations.NullMarked;
