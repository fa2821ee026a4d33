/// Objects as the rows that kubectl get prints.
@NullMarked
package build.kiln.local.apiserver.table;

import org.jspecify.annotations.NullMarked;
