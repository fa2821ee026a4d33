/// The system calls that Java lacks, through java.lang.foreign: names as bytes, every attribute of a file,
/// mounts,
/// locks.
///
/// Nothing here decides anything: each method is one call of the kernel, its errors are [SystemCallFailure],
/// and no
/// native memory leaves the room. All calls go through one `syscall` handle, so that start-up pays for one
/// binding.
@NullMarked
package build.kiln.builder.linux;

import org.jspecify.annotations.NullMarked;
