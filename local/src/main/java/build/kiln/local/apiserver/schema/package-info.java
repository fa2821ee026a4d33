/// A custom resource's OpenAPI schema: defaults, unknown fields, and what is wrong with a value.
@NullMarked
package build.kiln.local.apiserver.schema;

import org.jspecify.annotations.NullMarked;
