package build.kiln.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RankedSetTest {

    @Property(tries = 200)
    void isWhatATreeSetWouldBe(@ForAll @Size(max = 2000) List<@IntRange(max = 1500) Integer> numbers) {
        RankedSet<Integer> ranked = new RankedSet<>(Comparator.naturalOrder());
        TreeSet<Integer> tree = new TreeSet<>();
        for (int number : numbers) {
            if (number % 3 == 0) {
                ranked.remove(number / 3);
                tree.remove(number / 3);
            } else {
                ranked.add(number);
                tree.add(number);
            }
        }
        assertThat(ranked.isEmpty()).isEqualTo(tree.isEmpty());
        int rank = 0;
        for (int number : tree) {
            assertThat(ranked.rank(number)).isEqualTo(rank);
            rank++;
        }
        assertThat(ranked.rank(5000)).isEqualTo(tree.size());
        while (!tree.isEmpty()) {
            assertThat(ranked.first()).isEqualTo(tree.first());
            ranked.remove(tree.removeFirst());
        }
        assertThat(ranked.isEmpty()).isTrue();
    }
}
