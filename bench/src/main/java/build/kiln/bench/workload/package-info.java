/// What is built: contexts, Dockerfiles and base images, made from fixed seeds and from what is installed here.
@NullMarked
package build.kiln.bench.workload;

import org.jspecify.annotations.NullMarked;
