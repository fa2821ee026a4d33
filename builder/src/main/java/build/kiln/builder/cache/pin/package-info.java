/// What live builds use of the volume, so that nobody takes it from under them, and how much room they still need.
@NullMarked
package build.kiln.builder.cache.pin;

import org.jspecify.annotations.NullMarked;
