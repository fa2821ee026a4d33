/// Images in folders of the form that the OCI image layout has.
@NullMarked
package build.kiln.builder.source.layout;

import org.jspecify.annotations.NullMarked;
