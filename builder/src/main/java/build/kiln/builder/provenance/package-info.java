/// What a build can say of how an image came about: an in-toto statement with SLSA provenance.
@NullMarked
package build.kiln.builder.provenance;

import org.jspecify.annotations.NullMarked;
