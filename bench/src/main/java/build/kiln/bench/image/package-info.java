/// Images pulled back from the registry, each digest computed anew.
@NullMarked
package build.kiln.bench.image;

import org.jspecify.annotations.NullMarked;
