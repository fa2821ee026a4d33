/// Answers probes and hands out the metrics.
@NullMarked
package build.kiln.operator.web;

import org.jspecify.annotations.NullMarked;
