/// Kubernetes objects as JSON trees: their names, their metadata, and how they are read and written.
@NullMarked
package build.kiln.local.apiserver.object;

import org.jspecify.annotations.NullMarked;
