/// The demo: an image from source to a running program and back, each claim checked on the way.
@NullMarked
package build.kiln.local.demo;

import org.jspecify.annotations.NullMarked;
