/// The API that users write: `ImageBuild`, version v1alpha1 of the group kiln.build.
///
/// The descriptions on these types are the reference documentation, and the CRD is generated from them.
@NullMarked
package build.kiln.crds;

import org.jspecify.annotations.NullMarked;
