package build.kiln.builder.plan;

import build.kiln.builder.oci.Platform;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the user wants of a Dockerfile, for one platform.
///
/// @param target name or (as text) index of the stage to build; empty for the last one
/// @param buildArgs values of ARGs by name
/// @param labels for the image, over those of the Dockerfile
/// @param platform to build for; null if the user named none: then it is that of the base image, or else of the
///     machine that builds
/// @param buildPlatform of the machine that builds
/// @param contexts named contexts by name
/// @param network of RUNs that say nothing of it
/// @param allowed what the user lets RUNs do beyond the usual
/// @param allowedDevices names or kinds of the devices that RUNs may use where [Entitlement#DEVICE] is allowed; none
///     for every device
/// @param hostname that RUNs see; null for the default
/// @param naming whether steps are shown with their platform, because others are built beside them
public record PlanRequest(
        String target,
        Map<String, String> buildArgs,
        Map<String, String> labels,
        @Nullable Platform platform,
        Platform buildPlatform,
        Map<String, NamedContext> contexts,
        NoCache noCache,
        Step.Network network,
        Set<Entitlement> allowed,
        Set<String> allowedDevices,
        @Nullable String hostname,
        Naming naming) {

    /// A permission that is off unless the user gives it.
    public enum Entitlement {
        SECURITY_INSECURE("security.insecure"),
        NETWORK_HOST("network.host"),
        DEVICE("device");

        private final String word;

        Entitlement(String word) {
            this.word = word;
        }

        /// As the user writes it behind `--allow`.
        public String word() {
            return word;
        }
    }

    /// How steps are shown.
    public enum Naming {
        /// `[build 2/4] RUN make`
        BY_STAGE,
        /// `[linux/arm64 build 2/4] RUN make`
        BY_PLATFORM
    }

    public PlanRequest {
        buildArgs = Collections.unmodifiableMap(new TreeMap<>(buildArgs));
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        contexts = Collections.unmodifiableMap(new TreeMap<>(contexts));
        allowed = Set.copyOf(allowed);
        allowedDevices = Set.copyOf(allowedDevices);
    }

    /// Whether RUNs may use this device.
    boolean allowsDevice(String name) {
        int equals = name.indexOf('=');
        return allowed.contains(Entitlement.DEVICE)
                && (allowedDevices.isEmpty()
                        || allowedDevices.contains(name)
                        || equals > 0 && allowedDevices.contains(name.substring(0, equals)));
    }

    /// The last stage, without arguments, for the platform of the machine or the base image.
    public static PlanRequest on(Platform buildPlatform) {
        return new Builder(buildPlatform).build();
    }

    public static Builder builder(Platform buildPlatform) {
        return new Builder(buildPlatform);
    }

    /// Collects a request; what is not set is as in [PlanRequest#on].
    public static final class Builder {

        private final Platform buildPlatform;
        private String target = "";
        private Map<String, String> buildArgs = Map.of();
        private Map<String, String> labels = Map.of();
        private @Nullable Platform platform;
        private Map<String, NamedContext> contexts = Map.of();
        private NoCache noCache = new NoCache.None();
        private Step.Network network = Step.Network.DEFAULT;
        private Set<Entitlement> allowed = Set.of();
        private Set<String> allowedDevices = Set.of();
        private @Nullable String hostname;
        private Naming naming = Naming.BY_STAGE;

        private Builder(Platform buildPlatform) {
            this.buildPlatform = buildPlatform;
        }

        public Builder target(String nameOrIndex) {
            target = nameOrIndex;
            return this;
        }

        public Builder buildArgs(Map<String, String> values) {
            buildArgs = values;
            return this;
        }

        public Builder labels(Map<String, String> values) {
            labels = values;
            return this;
        }

        public Builder platform(@Nullable Platform wanted) {
            platform = wanted;
            return this;
        }

        public Builder contexts(Map<String, NamedContext> byName) {
            contexts = byName;
            return this;
        }

        public Builder noCache(NoCache which) {
            noCache = which;
            return this;
        }

        public Builder network(Step.Network mode) {
            network = mode;
            return this;
        }

        public Builder allowed(Set<Entitlement> entitlements) {
            allowed = entitlements;
            return this;
        }

        public Builder allowedDevices(Set<String> names) {
            allowedDevices = names;
            return this;
        }

        public Builder hostname(@Nullable String name) {
            hostname = name;
            return this;
        }

        public Builder naming(Naming how) {
            naming = how;
            return this;
        }

        public PlanRequest build() {
            return new PlanRequest(
                    target,
                    buildArgs,
                    labels,
                    platform,
                    buildPlatform,
                    contexts,
                    noCache,
                    network,
                    allowed,
                    allowedDevices,
                    hostname,
                    naming);
        }
    }
}
