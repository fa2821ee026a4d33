package build.kiln.e2e.row;

import java.util.Map;

/// One claim about Kiln in a cluster, and how it is tried.
public interface Row {

    /// One word, for `--only`.
    String name();

    /// The claim, one sentence without its dot.
    String claim();

    /// The namespaces that it wants to find, by a word that becomes part of their name, with their labels.
    default Map<String, Map<String, String>> namespaces() {
        return Map.of(name(), Map.of());
    }

    /// Tries it, in namespaces of its own.
    ///
    /// @return the rung of isolation that was used; empty if no build got that far
    /// @throws RowFailure if the claim does not hold
    /// @throws LeftOut if it cannot be tried with what there is
    String tryIn(Stage stage) throws InterruptedException;
}
