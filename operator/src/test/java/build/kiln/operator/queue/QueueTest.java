package build.kiln.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueueTest {

    private static final Ticket A1 = ticket("a", "1", 1);
    private static final Ticket A2 = ticket("a", "2", 2);
    private static final Ticket A3 = ticket("a", "3", 3);
    private static final Ticket B1 = ticket("b", "1", 4);
    private static final Ticket B2 = ticket("b", "2", 5);

    @Test
    void withoutLimitsEverybodyStarts() {
        Queue queue = queue(Limits.NONE, A1, A2, B1);
        assertThat(queue.admit()).containsExactlyInAnyOrder(A1.build(), A2.build(), B1.build());
        assertThat(queue.turn(A2.build())).isEqualTo(new Turn.Now());
    }

    @Test
    void whoCameFirstStartsFirst() {
        Queue queue = queue(new Limits(0, 1), A3, A1, A2);
        assertThat(queue.admit()).containsExactly(A1.build());
        assertThat(queue.turn(A2.build())).isEqualTo(new Turn.Later(1, "1st of a; the namespace runs 1 of 1."));
        assertThat(queue.turn(A3.build())).isEqualTo(new Turn.Later(2, "2nd of a; the namespace runs 1 of 1."));
        queue.end(A1.build());
        assertThat(queue.admit()).containsExactly(A2.build());
        assertThat(queue.turn(A3.build())).isEqualTo(new Turn.Later(1, "1st of a; the namespace runs 1 of 1."));
    }

    @Test
    void aGreaterPriorityGoesFirstAndWhatNobodyAskedForLast() {
        Ticket nightly = new Ticket(new BuildKey("a", "nightly"), 0, false, Instant.EPOCH);
        Ticket urgent = new Ticket(new BuildKey("a", "urgent"), 7, true, Instant.ofEpochSecond(9));
        Ticket idle = new Ticket(new BuildKey("a", "idle"), -3, true, Instant.EPOCH);
        Queue queue = queue(new Limits(0, 1), nightly, A1, idle, urgent);
        assertThat(queue.admit()).containsExactly(urgent.build());
        assertThat(queue.turn(A1.build())).isEqualTo(new Turn.Later(1, "1st of a; the namespace runs 1 of 1."));
        assertThat(queue.turn(nightly.build()))
                .isEqualTo(new Turn.Later(2, "2nd of a, after what somebody asked for; the namespace runs 1 of 1."));
        assertThat(queue.turn(idle.build()))
                .isEqualTo(new Turn.Later(3, "3rd of a with priority -3; the namespace runs 1 of 1."));
    }

    @Test
    void aNewTicketHasAnotherPlace() {
        Queue queue = queue(new Limits(0, 1), A1, A2, A3);
        queue.admit();
        queue.enter(new Ticket(A3.build(), 1, true, A3.since()));
        assertThat(queue.turn(A3.build()))
                .isEqualTo(new Turn.Later(1, "1st of a with priority 1; the namespace runs 1 of 1."));
        assertThat(((Turn.Later) queue.turn(A2.build())).position()).isEqualTo(2);
    }

    @Test
    void aNamespaceThatIsFullHoldsUpNobodyElse() {
        Queue queue = queue(new Limits(3, 1), A1, A2, A3, B1, B2);
        assertThat(queue.admit()).containsExactlyInAnyOrder(A1.build(), B1.build());
    }

    @Test
    void theNamespaceThatRunsTheFewestHasTheTurn() {
        Queue queue = queue(new Limits(3, 0), A1, A2, A3);
        assertThat(queue.admit()).hasSize(3);
        queue.enter(ticket("a", "4", 4));
        queue.enter(B1);
        queue.enter(B2);
        queue.end(A1.build());
        assertThat(queue.admit()).containsExactly(B1.build());
        // Both run as many after this: the turn is that of the one that has been without for longer.
        queue.end(A2.build());
        assertThat(queue.admit()).containsExactly(new BuildKey("a", "4"));
        assertThat(queue.turn(B2.build())).isEqualTo(new Turn.Later(1, "1st of b; the cluster runs 3 of 3."));
    }

    @Test
    void inTheClusterTooWhatNobodyAskedForWaitsForWhatSomebodyDid() {
        Queue queue = new Queue(new Limits(1, 0));
        queue.enter(new Ticket(new BuildKey("a", "nightly"), 100, false, Instant.EPOCH));
        queue.enter(B1);
        assertThat(queue.admit()).containsExactly(B1.build());
    }

    @Test
    void everyTenthTurnOfANamespaceIsThatOfWhoHasWaitedLongest() {
        Ticket low = new Ticket(new BuildKey("a", "low"), -1, true, Instant.EPOCH);
        Queue queue = queue(new Limits(0, 1), low);
        IntStream.range(0, 30).forEach(i -> queue.enter(ticket("a", "n" + i, 10 + i)));
        for (int turn = 1; turn < 10; turn++) {
            BuildKey next = queue.admit().getFirst();
            assertThat(next).isNotEqualTo(low.build());
            queue.end(next);
        }
        assertThat(queue.admit()).containsExactly(low.build());
    }

    @Test
    void aPodThatIsThereRunsWithoutItsTurn() {
        Queue queue = queue(new Limits(1, 0), A1);
        queue.started(B1.build());
        assertThat(queue.admit()).isEmpty();
        queue.end(B1.build());
        assertThat(queue.admit()).containsExactly(A1.build());
    }

    @Test
    void whoLeavesIsNotWaitedFor() {
        Queue queue = queue(new Limits(0, 1), A1, A2, A3);
        queue.admit();
        queue.leave(A2.build());
        queue.leave(A1.build());
        assertThat(((Turn.Later) queue.turn(A3.build())).position()).isEqualTo(1);
        queue.end(A1.build());
        assertThat(queue.admit()).containsExactly(A3.build());
    }

    @Test
    void whenAQuotaRefusesOneAtATimeTriesAndAfterTwoNobody() {
        Queue queue = queue(Limits.NONE, A1);
        queue.admit();
        queue.turnAway(A1.build());
        queue.enter(A2);
        queue.enter(A3);
        assertThat(queue.admit()).containsExactly(A2.build());
        queue.turnAway(A2.build());
        assertThat(queue.admit()).isEmpty();
        assertThat(queue.turn(A3.build()))
                .isEqualTo(new Turn.Later(1, "1st of a; the namespace's quota has no room for more."));
        // One comes back after a while, and one may try.
        queue.enter(A1);
        assertThat(queue.admit()).containsExactly(A1.build());
        queue.turnAway(A1.build());
        assertThat(queue.admit()).isEmpty();
    }

    @Test
    void whoeverTheQuotaRefusedFirstTriesAgainWhenABuildEnds() {
        Queue queue = queue(Limits.NONE, B1, A1, A2);
        queue.admit();
        queue.started(A1.build());
        queue.turnAway(A2.build());
        queue.enter(A3);
        assertThat(queue.admit()).containsExactly(A3.build());
        queue.turnAway(A3.build());
        queue.enter(ticket("a", "4", 9));
        queue.end(B1.build());
        assertThat(queue.admit()).isEmpty();
        queue.end(A1.build());
        assertThat(queue.admit()).containsExactly(A2.build());
        queue.turnAway(A2.build());
        // What asks for more than there is holds up nobody.
        assertThat(queue.admit()).containsExactly(new BuildKey("a", "4"));
        queue.started(new BuildKey("a", "4"));
        assertThat(queue.admit()).isEmpty();
    }

    @Test
    void nobodyWaitsForOneThatAQuotaRefusedAndThatLeft() {
        Queue queue = queue(Limits.NONE, A1);
        queue.admit();
        queue.turnAway(A1.build());
        queue.enter(A2);
        queue.admit();
        queue.turnAway(A2.build());
        queue.enter(A3);
        queue.leave(A1.build());
        assertThat(queue.admit()).isEmpty();
        queue.leave(A2.build());
        assertThat(queue.admit()).containsExactly(A3.build());
    }

    @Test
    void placesAreExactNearTheFrontAndRoundedBehind() {
        Queue queue = new Queue(new Limits(0, 1));
        IntStream.range(0, 1300).forEach(i -> queue.enter(ticket("a", "n" + i, i)));
        queue.admit();
        assertThat(List.of(1, 2, 3, 4, 10, 11, 20, 21, 51, 101, 1001).stream()
                        .map(position -> queue.turn(new BuildKey("a", "n" + position)))
                        .map(turn -> ((Turn.Later) turn).message().split(";", -1)[0]))
                .containsExactly(
                        "1st of a",
                        "2nd of a",
                        "3rd of a",
                        "4th of a",
                        "10th of a",
                        "one of the first 20 of a",
                        "one of the first 20 of a",
                        "one of the first 50 of a",
                        "one of the first 100 of a",
                        "one of the first 200 of a",
                        "one of the first 2000 of a");
    }

    private static Queue queue(Limits limits, Ticket... tickets) {
        Queue queue = new Queue(limits);
        List.of(tickets).forEach(queue::enter);
        return queue;
    }

    private static Ticket ticket(String namespace, String name, long second) {
        return new Ticket(new BuildKey(namespace, name), 0, true, Instant.ofEpochSecond(second));
    }
}
