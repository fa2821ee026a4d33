/// Locks on the cache volume, held by processes of many hosts, and freed by the death of the process or of its host.
@NullMarked
package build.kiln.builder.cache.lock;

import org.jspecify.annotations.NullMarked;
