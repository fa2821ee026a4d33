/// Fills the class cache of the Java virtual machine: builds that leave nothing but the classes they have loaded.
@NullMarked
package build.kiln.builder.app.training;

import org.jspecify.annotations.NullMarked;
