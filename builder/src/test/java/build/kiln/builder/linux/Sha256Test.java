package build.kiln.builder.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Sha256Test {

    @Test
    void isTheJdksForEveryWayOfFeedingIt() throws Exception {
        Random random = new Random(5);
        MessageDigest jdk = MessageDigest.getInstance("SHA-256");
        MessageDigest ours = Sha256.newHash();
        for (int round = 0; round < 50; round++) {
            byte[] bytes = new byte[random.nextInt(300_000)];
            random.nextBytes(bytes);
            int split = random.nextInt(bytes.length + 1);
            ours.update(bytes, 0, split);
            for (int i = split; i < Math.min(bytes.length, split + 10); i++) {
                ours.update(bytes[i]);
            }
            int done = Math.min(bytes.length, split + 10);
            ours.update(java.nio.ByteBuffer.wrap(bytes, done, bytes.length - done));
            assertThat(ours.digest()).isEqualTo(jdk.digest(bytes));
        }
        assertThat(ours.digest()).isEqualTo(jdk.digest());
    }

    @Test
    void resetForgetsWhatItWasGiven() throws Exception {
        MessageDigest ours = Sha256.newHash();
        ours.update(new byte[100]);
        ours.reset();
        assertThat(ours.digest()).isEqualTo(MessageDigest.getInstance("SHA-256").digest());
    }
}
