package build.kiln.local.demo;

import build.kiln.operator.pod.PodNames;
import build.kiln.protocol.ProgressLine;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;

/// Applies an ImageBuild and shows its builder's progress until it has ended.
record BuildWatch(ApiClient api, PrintStream out) {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(30);

    FinishedBuild build(String name, JsonNode resource) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long generation = api.apply(name, resource);
        String pod = PodNames.of(name, generation, 0);
        Thread progress = Thread.ofVirtual().start(() -> show(pod));
        try {
            JsonNode build = awaitEnd(name, generation, start + LIMIT.toNanos());
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            progress.join(Duration.ofSeconds(5));
            return FinishedBuild.of(build, took);
        } finally {
            progress.interrupt();
        }
    }

    private void show(String pod) {
        try {
            while (!api.followLog(pod, this::print)) {
                Thread.sleep(PAUSE);
            }
        } catch (IOException | UncheckedIOException e) {
            out.println("(the builder's log breaks off: " + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What is meant for the operator is not shown to people.
    private void print(String line) {
        if (ProgressLine.parse(line).isEmpty()) {
            out.println(line);
            out.flush();
        }
    }

    private JsonNode awaitEnd(String name, long generation, long end) throws IOException, InterruptedException {
        while (System.nanoTime() < end) {
            JsonNode build = api.build(name);
            JsonNode status = build.path("status");
            boolean current = status.path("observedGeneration").asLong(-1) >= generation;
            if (current && isTrue(status, "Ready")) {
                return build;
            }
            if (current && isTrue(status, "Stalled")) {
                JsonNode failure = status.path("failure");
                throw new DemoFailure(
                        "The build failed (" + failure.path("reason").asText() + "): "
                                + failure.path("message").asText());
            }
            Thread.sleep(PAUSE);
        }
        throw new DemoFailure("The build did not end within " + LIMIT.toMinutes() + " minutes; its status is "
                + api.build(name).path("status"));
    }

    private static boolean isTrue(JsonNode status, String type) {
        return status.path("conditions")
                .valueStream()
                .anyMatch(condition -> condition.path("type").asText().equals(type)
                        && condition.path("status").asText().equals("True"));
    }
}
