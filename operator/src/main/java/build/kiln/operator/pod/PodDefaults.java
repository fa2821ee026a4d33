package build.kiln.operator.pod;

import build.kiln.protocol.PodFiles;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What builder pods have that say nothing else themselves.
///
/// @param environment variables by name, the proxies among them
/// @param registriesConf the text of a `registries.conf`
/// @param caBundle certificates in PEM form
public record PodDefaults(
        ResourceRequirements resources,
        Map<String, String> environment,
        Optional<String> registriesConf,
        Optional<String> caBundle) {

    public static final PodDefaults NONE =
            new PodDefaults(new ResourceRequirements(), Map.of(), Optional.empty(), Optional.empty());

    public PodDefaults {
        environment = Map.copyOf(environment);
    }

    /// The pod's annotations that become files of the builder.
    Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        registriesConf.ifPresent(text -> files.put(PodFiles.REGISTRIES_CONF_ANNOTATION, text));
        caBundle.ifPresent(text -> files.put(PodFiles.CA_BUNDLE_ANNOTATION, text));
        return files;
    }

    /// The user's variables, and those of the defaults that the user does not set, in either case of letters.
    List<EnvVar> environment(List<EnvVar> ofUser) {
        List<EnvVar> all = new ArrayList<>(ofUser);
        environment.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(e -> ofUser.stream().noneMatch(v -> v.getName().equalsIgnoreCase(e.getKey())))
                .forEach(e -> all.add(new EnvVarBuilder()
                        .withName(e.getKey())
                        .withValue(e.getValue())
                        .build()));
        return all;
    }

    /// The user's resources, and those of the defaults that fit to them: a default never makes a request larger
    /// than its limit.
    @Nullable
    ResourceRequirements resources(@Nullable ResourceRequirements ofUser) {
        if (resources.equals(new ResourceRequirements())) {
            return ofUser;
        }
        ResourceRequirements user = ofUser == null ? new ResourceRequirements() : ofUser;
        Map<String, Quantity> limits = new TreeMap<>(orEmpty(resources.getLimits()));
        Map<String, Quantity> requests = new TreeMap<>(orEmpty(resources.getRequests()));
        orEmpty(user.getRequests()).forEach((name, quantity) -> {
            requests.put(name, quantity);
            limits.computeIfPresent(name, (n, limit) -> larger(limit, quantity));
        });
        orEmpty(user.getLimits()).forEach((name, quantity) -> {
            limits.put(name, quantity);
            if (!orEmpty(user.getRequests()).containsKey(name)) {
                requests.computeIfPresent(name, (n, request) -> smaller(request, quantity));
            }
        });
        return new ResourceRequirementsBuilder(user)
                .withLimits(limits)
                .withRequests(requests)
                .build();
    }

    private static Map<String, Quantity> orEmpty(@Nullable Map<String, Quantity> map) {
        return map == null ? Map.of() : map;
    }

    private static Quantity larger(Quantity one, Quantity other) {
        return amount(one).compareTo(amount(other)) >= 0 ? one : other;
    }

    private static Quantity smaller(Quantity one, Quantity other) {
        return amount(one).compareTo(amount(other)) <= 0 ? one : other;
    }

    private static BigDecimal amount(Quantity quantity) {
        return quantity.getNumericalAmount();
    }
}
