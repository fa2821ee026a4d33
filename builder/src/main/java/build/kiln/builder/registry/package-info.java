/// The client of the distribution specification: credentials, pull, push, mount, retry.
///
/// Calls block and are meant for virtual threads. Every failure is a
/// [RegistryFailure][build.kiln.builder.failure.RegistryFailure] or, for a broken configuration file, a
/// [RequestFailure][build.kiln.builder.failure.RequestFailure].
///
/// @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md">distribution-spec 1.1.1</a>
@NullMarked
package build.kiln.builder.registry;

import org.jspecify.annotations.NullMarked;
