package build.kiln.local.apiserver.schema;

import java.util.List;

/// How a merge treats the value at one place of an object, should it be a list.
public interface ListShape {

    /// The shape of a member of the object at this place.
    ListShape field(String name);

    /// The shape of the items of the list at this place.
    ListShape item();

    Merge merge();

    /// What a merge does with a list.
    sealed interface Merge {

        /// The new list takes the old one's place.
        record Atomic() implements Merge {}

        /// Values are added that are not there yet.
        record AsSet() implements Merge {}

        /// Items are the same if these fields of theirs are.
        record ByKeys(List<String> keys) implements Merge {

            public ByKeys {
                keys = List.copyOf(keys);
            }
        }
    }
}
