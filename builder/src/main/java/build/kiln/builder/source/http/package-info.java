/// A file behind a URL: fetched, checked against its digest, and put into a folder of its own.
@NullMarked
package build.kiln.builder.source.http;

import org.jspecify.annotations.NullMarked;
