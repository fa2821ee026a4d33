package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.instruction.Instruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a stage has set so far.
final class StageState {

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// Variables with a value, of ENV and ARG.
    final Map<String, String> env;

    /// Names of ARGs, with a value or without.
    final Set<String> declared;

    /// The last CMD, ENTRYPOINT and HEALTHCHECK of this stage itself.
    final Map<Class<? extends Instruction>, Instruction> last = new HashMap<>();

    /// The instructions that a stage from this one begins with.
    final List<String> triggersForChildren = new ArrayList<>();

    /// The instructions that this stage begins with.
    final List<String> triggers;

    /// False if the base image is not known: any variable may then be set.
    final boolean baseIsKnown;

    boolean shellIsSet;
    boolean workdirIsSet;

    private StageState(
            Map<String, String> env,
            Set<String> declared,
            List<String> triggers,
            @Nullable BaseFacts base,
            boolean known) {
        this.env = new TreeMap<>(env);
        this.declared = new HashSet<>(declared);
        this.triggers = List.copyOf(triggers);
        this.shellIsSet = base != null && !base.shell().isEmpty();
        this.baseIsKnown = known;
    }

    static StageState ofScratch() {
        return new StageState(Map.of("PATH", DEFAULT_PATH), Set.of(), List.of(), null, true);
    }

    static StageState ofUnknown() {
        return new StageState(Map.of(), Set.of(), List.of(), null, false);
    }

    static StageState of(BaseFacts base) {
        StageState state = new StageState(base.env(), Set.of(), base.onBuild(), base, true);
        state.env.putIfAbsent("PATH", DEFAULT_PATH);
        return state;
    }

    /// The state in which a stage begins that starts from this one.
    StageState child() {
        StageState child = new StageState(env, declared, triggersForChildren, null, baseIsKnown);
        child.shellIsSet = shellIsSet;
        child.workdirIsSet = workdirIsSet;
        return child;
    }
}
