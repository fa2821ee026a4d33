/// The operator as a process of its own, with thousands of ImageBuilds: what it takes, and how fast it answers.
@NullMarked
package build.kiln.bench.operator;

import org.jspecify.annotations.NullMarked;
