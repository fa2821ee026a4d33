package build.kiln.builder.registry;

import java.time.Duration;

/// A repository at a registry.
///
/// @param mirror whether another place has what this one has not
record Place(Endpoint endpoint, String repository, boolean mirror) {

    Call call(String method, String rest, Scope scope, Duration timeout) {
        return Call.of(method, "/v2/" + repository + "/" + rest, scope, timeout);
    }

    Scope pulling() {
        return Scope.pull(repository);
    }

    Scope pushing() {
        return Scope.push(repository);
    }
}
