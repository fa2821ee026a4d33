/// Label and field selectors.
@NullMarked
package build.kiln.local.apiserver.selector;

import org.jspecify.annotations.NullMarked;
