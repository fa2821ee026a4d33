package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How many uploads go on at a time.
@Timeout(10)
class SenderTest {

    private static final RegistrySettings SETTINGS = RegistrySettings.defaults(Clock.systemUTC());

    private final Sender sender = new Sender(
            SETTINGS,
            new Transport(
                    SETTINGS,
                    new Credentials(SETTINGS.authFiles(), SETTINGS.store()),
                    new Failures(SETTINGS, new Credentials(SETTINGS.authFiles(), SETTINGS.store()))));

    @Test
    void oneHostGetsSixUploadsAtATime() throws Exception {
        Place place = place("one.test");
        for (int i = 0; i < 6; i++) {
            sender.enter(place);
        }
        CompletableFuture<Void> seventh = entering(place);
        assertThat(isDone(seventh)).isFalse();
        sender.leave(place);
        seventh.get();
    }

    @Test
    void uploadsToAnyNumberOfHostsHoldFourMebibytesAtTheMost() throws Exception {
        int share = 2 * Sender.PIECE_BYTES;
        List<Place> entered = new ArrayList<>();
        CompletableFuture<Void> waiting = null;
        for (int host = 0; waiting == null; host++) {
            Place place = place("host" + host + ".test");
            CompletableFuture<Void> one = entering(place);
            if (isDone(one)) {
                entered.add(place);
            } else {
                waiting = one;
            }
        }
        assertThat(entered.size() * share).isEqualTo(4 << 20);
        sender.leave(entered.getFirst());
        waiting.get();
    }

    private CompletableFuture<Void> entering(Place place) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        sender.enter(place);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    /// Within a time that is long for what waits for nobody.
    private static boolean isDone(CompletableFuture<Void> future) throws Exception {
        try {
            future.get(300, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static Place place(String host) {
        return new Place(new Endpoint(host, false), "team/app", false);
    }
}
