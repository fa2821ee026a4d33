/// Obtains the build context (folder, git, inline, ConfigMap, volume), applies `.dockerignore`, and digests what a COPY
/// reads.
@NullMarked
package build.kiln.builder.source;

import org.jspecify.annotations.NullMarked;
