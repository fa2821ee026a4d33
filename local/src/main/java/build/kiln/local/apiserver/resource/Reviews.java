package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/// Questions about what a caller may do. There is one user, and it may do everything.
public final class Reviews {

    private static final Set<Object> KINDS =
            Set.of(BuiltinTypes.ACCESS_REVIEWS, BuiltinTypes.RULES_REVIEWS, BuiltinTypes.SUBJECT_REVIEWS);

    private Reviews() {}

    public static boolean isReview(ResourceType type) {
        return KINDS.contains(type.resource());
    }

    /// The review with its answer.
    public static ObjectNode answer(ResourceType type, ObjectNode review) {
        ObjectNode answered = review.deepCopy().put("kind", type.kind()).put("apiVersion", type.apiVersion());
        ObjectNode status = answered.putObject("status");
        if (type.resource().equals(BuiltinTypes.ACCESS_REVIEWS)) {
            status.put("allowed", true).put("reason", "this server has one user, who may do everything");
        } else if (type.resource().equals(BuiltinTypes.RULES_REVIEWS)) {
            ObjectNode rule = status.putArray("resourceRules").addObject();
            rule.putArray("verbs").add("*");
            rule.putArray("apiGroups").add("*");
            rule.putArray("resources").add("*");
            status.putArray("nonResourceRules");
            status.put("incomplete", false);
        } else {
            ObjectNode user = status.putObject("userInfo").put("username", "kiln-local");
            user.putArray("groups").add("system:masters");
        }
        return answered;
    }
}
