/// Finds what is allowed in a Dockerfile and still probably a mistake. Pure: what it needs to know of images and
/// ignored
/// files is handed to it.
@NullMarked
package build.kiln.builder.dockerfile.lint;

import org.jspecify.annotations.NullMarked;
