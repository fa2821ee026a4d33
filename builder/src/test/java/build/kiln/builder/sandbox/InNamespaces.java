package build.kiln.builder.sandbox;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Marks tests that mount, chown or start isolated processes.
///
/// All tests of this module run inside the builder's namespaces: the pom makes Surefire start its JVM through
/// `src/test/sh/bin/java`, and that through `enter-namespaces`. So a test is uid 0 with the ids 0 to 65535, may
/// mount whatever a user namespace may mount (overlay, tmpfs, bind, proc), and nothing of it is left when the JVM
/// ends. It needs nothing but this mark, which skips it, with the reason, where the machine refuses the
/// namespaces.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InNamespaces.Condition.class)
public @interface InNamespaces {

    /// Reads what `src/test/sh/bin/java` found.
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String state = System.getenv("KILN_TEST_NAMESPACES");
            if ("entered".equals(state)) {
                return ConditionEvaluationResult.enabled("inside the builder's namespaces");
            }
            return ConditionEvaluationResult.disabled(
                    state == null ? "not started through src/test/sh/bin/java, as Maven does it" : state);
        }
    }
}
