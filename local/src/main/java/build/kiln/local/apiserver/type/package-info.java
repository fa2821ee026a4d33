/// The kinds that the server knows: the built-in ones, and those that a CustomResourceDefinition adds.
@NullMarked
package build.kiln.local.apiserver.type;

import org.jspecify.annotations.NullMarked;
