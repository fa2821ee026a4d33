package build.kiln.builder.dockerfile.words;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What a word became.
///
/// @param text the word as one piece, blanks kept
/// @param words the same, split at blanks that stand outside of quotes
/// @param matched names of variables that were asked for and are set
/// @param unmatched names of variables that were asked for and are not set
public record Expansion(String text, List<String> words, Set<String> matched, Set<String> unmatched) {

    public Expansion {
        words = List.copyOf(words);
        matched = Collections.unmodifiableSet(new LinkedHashSet<>(matched));
        unmatched = Collections.unmodifiableSet(new LinkedHashSet<>(unmatched));
    }
}
