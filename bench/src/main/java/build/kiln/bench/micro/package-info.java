/// The hot parts by themselves, under JMH.
@NullMarked
package build.kiln.bench.micro;

import org.jspecify.annotations.NullMarked;
