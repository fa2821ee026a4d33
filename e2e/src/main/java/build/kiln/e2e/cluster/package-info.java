/// The cluster as the suite uses it: namespaces, objects, ImageBuilds and their pods.
@NullMarked
package build.kiln.e2e.cluster;

import org.jspecify.annotations.NullMarked;
