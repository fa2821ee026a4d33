/// The examples for Flux and Argo CD, applied as a user applies them.
@NullMarked
package build.kiln.local.gitops;

import org.jspecify.annotations.NullMarked;
