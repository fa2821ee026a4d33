/// The answers of the API that are no object: a Status that says what is wrong.
@NullMarked
package build.kiln.local.apiserver.status;

import org.jspecify.annotations.NullMarked;
