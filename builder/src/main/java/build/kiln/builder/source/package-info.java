/// Obtains the build context (folder, git, inline, volume), applies `.dockerignore`, and digests what a COPY
/// reads.
@NullMarked
package build.kiln.builder.source;

import org.jspecify.annotations.NullMarked;
