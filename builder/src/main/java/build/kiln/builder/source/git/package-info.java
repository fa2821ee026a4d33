/// A git repository's files at one commit: found, fetched as shallow as the server allows, and written to a
/// folder.
///
/// No class of jgit is loaded before a [GitSource] is obtained.
@NullMarked
package build.kiln.builder.source.git;

import org.jspecify.annotations.NullMarked;
