/// The API over HTTP: routes, watches as chunks, logs.
@NullMarked
package build.kiln.local.apiserver.http;

import org.jspecify.annotations.NullMarked;
