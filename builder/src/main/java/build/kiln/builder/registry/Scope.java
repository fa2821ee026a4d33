package build.kiln.builder.registry;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a token has to allow: each grant is `repository:<name>:<actions>`.
///
/// @see <a href="https://distribution.github.io/distribution/spec/auth/scope/">Docker Registry token scope</a>
record Scope(SortedSet<String> grants) {

    static final Scope NONE = new Scope(Collections.emptySortedSet());

    Scope {
        grants = Collections.unmodifiableSortedSet(new TreeSet<>(grants));
    }

    static Scope pull(String repository) {
        return NONE.and(Collections.singleton("repository:" + repository + ":pull"));
    }

    static Scope push(String repository) {
        return NONE.and(Collections.singleton("repository:" + repository + ":pull,push"));
    }

    Scope and(Collection<String> more) {
        TreeSet<String> all = new TreeSet<>(grants);
        all.addAll(more);
        return new Scope(all);
    }
}
