package build.kiln.operator.queue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/// A sorted set that knows the rank of each of its elements.
///
/// They lie in sorted blocks. A change shifts one block, and a rank adds up the sizes of the blocks before: with ten
/// thousand elements a few dozen additions. The sorted sets of the JDK would count all elements before.
final class RankedSet<T> {

    private static final int MOST_IN_BLOCK = 256;

    private final Comparator<? super T> order;

    /// None of them is empty.
    private final List<List<T>> blocks = new ArrayList<>();

    RankedSet(Comparator<? super T> order) {
        this.order = order;
    }

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    /// @throws java.util.NoSuchElementException if there is none
    T first() {
        return blocks.getFirst().getFirst();
    }

    /// Changes nothing if it is there already.
    void add(T element) {
        if (blocks.isEmpty()) {
            blocks.add(new ArrayList<>(List.of(element)));
            return;
        }
        int number = Math.min(blockOf(element), blocks.size() - 1);
        List<T> block = blocks.get(number);
        int at = Collections.binarySearch(block, element, order);
        if (at >= 0) {
            return;
        }
        block.add(-at - 1, element);
        if (block.size() > MOST_IN_BLOCK) {
            List<T> upper = block.subList(MOST_IN_BLOCK / 2, block.size());
            blocks.add(number + 1, new ArrayList<>(upper));
            upper.clear();
        }
    }

    /// Changes nothing if it is not there.
    void remove(T element) {
        int number = blockOf(element);
        if (number == blocks.size()) {
            return;
        }
        List<T> block = blocks.get(number);
        int at = Collections.binarySearch(block, element, order);
        if (at >= 0) {
            block.remove(at);
        }
        if (block.isEmpty()) {
            blocks.remove(number);
        }
    }

    /// How many elements are before it, whether it is there or not.
    int rank(T element) {
        int number = blockOf(element);
        int before = blocks.subList(0, number).stream().mapToInt(List::size).sum();
        if (number == blocks.size()) {
            return before;
        }
        int at = Collections.binarySearch(blocks.get(number), element, order);
        return before + (at >= 0 ? at : -at - 1);
    }

    /// The first block that does not end before the element; the number of blocks if all do.
    private int blockOf(T element) {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(blocks.get(middle).getLast(), element) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
