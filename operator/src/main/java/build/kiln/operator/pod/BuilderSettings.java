package build.kiln.operator.pod;

import java.util.Optional;

/// What all builder pods of this operator have in common.
///
/// @param image the builder's image
/// @param imagePullPolicy of Kubernetes: `Always`, `IfNotPresent` or `Never`
/// @param cacheClaim the claim that every namespace has for its cache; without one, a build's cache dies with its pod
/// @param platform `os/architecture` of the nodes that builders run on
public record BuilderSettings(String image, String imagePullPolicy, Optional<String> cacheClaim, String platform) {

    public String os() {
        return platform.split("/", -1)[0];
    }

    public String architecture() {
        return platform.split("/", -1)[1];
    }
}
