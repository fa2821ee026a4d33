/// The objects in memory, their versions, and the log of changes that watches read.
@NullMarked
package build.kiln.local.apiserver.storage;

import org.jspecify.annotations.NullMarked;
