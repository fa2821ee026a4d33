/// Caches in registries: step records that are read on demand, and written after a build.
///
/// A record names its layer by digest, and the registry keeps the layer because the record's manifest lists it. Nothing
/// that is read here is believed further than its form: a layer's digest and diffID are checked when it is pulled.
@NullMarked
package build.kiln.builder.exchange;

import org.jspecify.annotations.NullMarked;
