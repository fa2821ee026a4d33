/// Why the cache did not have a step: what a build's steps were made from, kept for the next one to compare with.
@NullMarked
package build.kiln.builder.cache.miss;

import org.jspecify.annotations.NullMarked;
