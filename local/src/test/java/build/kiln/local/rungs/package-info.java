/// What a RUN can do on each rung of the isolation ladder, tried in containers that allow no more than such pods do.
@NullMarked
package build.kiln.local.rungs;

import org.jspecify.annotations.NullMarked;
