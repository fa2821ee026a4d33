/// The values of the OCI image specification: digests, descriptors, manifests, configs, platforms, references.
@NullMarked
package build.kiln.builder.oci;

import org.jspecify.annotations.NullMarked;
