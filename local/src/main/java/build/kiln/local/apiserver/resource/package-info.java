/// What happens to an object between a request and the store: admission, patches, deletion, collection.
@NullMarked
package build.kiln.local.apiserver.resource;

import org.jspecify.annotations.NullMarked;
