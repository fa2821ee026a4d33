/// An SSH agent for RUNs: it signs, and never shows a key.
@NullMarked
package build.kiln.builder.source.ssh;

import org.jspecify.annotations.NullMarked;
