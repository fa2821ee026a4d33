/// A small Kubernetes API server in this process, for the real kubectl and the operator to talk to.
@NullMarked
package build.kiln.local.apiserver;

import org.jspecify.annotations.NullMarked;
