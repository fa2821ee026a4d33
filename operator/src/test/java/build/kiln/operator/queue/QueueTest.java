package build.kiln.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueTest {

    private static final Ticket A1 = ticket("a", "1", 1);
    private static final Ticket A2 = ticket("a", "2", 2);
    private static final Ticket A3 = ticket("a", "3", 3);
    private static final Ticket B1 = ticket("b", "1", 4);
    private static final Ticket B2 = ticket("b", "2", 5);

    @Test
    void withoutLimitsEverybodyStarts() {
        for (Ticket ticket : List.of(A1, A2, B1)) {
            assertThat(Queue.turn(ticket, List.of(A1, A2, B1), List.of(A3, B2), Limits.NONE))
                    .isEqualTo(new Turn.Now());
        }
    }

    @Test
    void whoCameFirstStartsFirst() {
        Limits two = new Limits(2, 0);
        assertThat(Queue.turn(A2, List.of(A2, A3, B2), List.of(A1), two)).isEqualTo(new Turn.Now());
        assertThat(Queue.turn(A3, List.of(A2, A3, B2), List.of(A1), two))
                .isEqualTo(new Turn.Later(2, "2nd in the cluster: it runs 1 of at most 2 builds."));
        assertThat(Queue.turn(B2, List.of(A2, A3, B2), List.of(A1), two))
                .isEqualTo(new Turn.Later(3, "3rd in the cluster: it runs 1 of at most 2 builds."));
    }

    @Test
    void aNamespaceThatIsFullHoldsUpNobodyElse() {
        Limits limits = new Limits(3, 1);
        assertThat(Queue.turn(A2, List.of(A2, A3, B1), List.of(A1), limits))
                .isEqualTo(new Turn.Later(1, "1st in namespace a: it runs 1 of at most 1 builds."));
        assertThat(Queue.turn(A3, List.of(A2, A3, B1), List.of(A1), limits))
                .isEqualTo(new Turn.Later(2, "2nd in namespace a: it runs 1 of at most 1 builds."));
        assertThat(Queue.turn(B1, List.of(A2, A3, B1), List.of(A1), limits)).isEqualTo(new Turn.Now());
    }

    @Test
    void theNextIsTheFirstThatMayStart() {
        assertThat(Queue.next(List.of(A2, A3, B1, B2), List.of(A1), new Limits(0, 1)))
                .contains(B1);
        assertThat(Queue.next(List.of(A2, A3), List.of(A1), new Limits(0, 1))).isEmpty();
        assertThat(Queue.next(List.of(), List.of(A1), new Limits(5, 5))).isEmpty();
    }

    @Test
    void ordinalsReadWell() {
        List<Ticket> many = java.util.stream.IntStream.range(0, 30)
                .mapToObj(i -> ticket("a", "n" + i, 100 + i))
                .toList();
        Limits one = new Limits(1, 0);
        assertThat(((Turn.Later) Queue.turn(many.get(10), many, List.of(A1), one)).message())
                .startsWith("11th ");
        assertThat(((Turn.Later) Queue.turn(many.get(20), many, List.of(A1), one)).message())
                .startsWith("21st ");
        assertThat(((Turn.Later) Queue.turn(many.get(21), many, List.of(A1), one)).message())
                .startsWith("22nd ");
    }

    private static Ticket ticket(String namespace, String name, long second) {
        return new Ticket(namespace, name, Instant.ofEpochSecond(second));
    }
}
