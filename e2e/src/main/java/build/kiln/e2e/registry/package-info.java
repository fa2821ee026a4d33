/// The suite's own view of a registry: pushes images and reads them back, checking each digest with code that no
/// builder has.
@NullMarked
package build.kiln.e2e.registry;

import org.jspecify.annotations.NullMarked;
