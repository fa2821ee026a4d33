package build.kiln.operator.pod;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Resources with another memory limit: the request for memory grows in the same proportion.
final class RaisedMemory {

    private static final String MEMORY = "memory";

    private RaisedMemory() {}

    static ResourceRequirements of(@Nullable ResourceRequirements ordinary, Quantity limit) {
        ResourceRequirements before = ordinary == null ? new ResourceRequirements() : ordinary;
        Map<String, Quantity> limits = copy(before.getLimits());
        Map<String, Quantity> requests = copy(before.getRequests());
        Quantity old = limits.put(MEMORY, limit);
        requests.computeIfPresent(MEMORY, (name, request) -> old == null ? request : scaled(request, old, limit));
        return new ResourceRequirementsBuilder(before)
                .withLimits(limits)
                .withRequests(requests)
                .build();
    }

    /// At most the limit, in whole bytes.
    private static Quantity scaled(Quantity request, Quantity old, Quantity limit) {
        BigDecimal bytes = request.getNumericalAmount()
                .multiply(limit.getNumericalAmount())
                .divide(old.getNumericalAmount(), 0, RoundingMode.DOWN);
        return bytes.compareTo(limit.getNumericalAmount()) >= 0 ? limit : new Quantity(bytes.toPlainString());
    }

    private static Map<String, Quantity> copy(@Nullable Map<String, Quantity> map) {
        return map == null ? new TreeMap<>() : new TreeMap<>(map);
    }
}
