package build.kiln.builder.report;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.oci.Json;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlanWarning;
import build.kiln.builder.plan.Step;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/// Progress as one JSON object a line, for programs: `{"event":"started","id":5,"title":"[build 2/4] RUN make"}`.
public final class JsonProgress implements Progress {

    private final PrintStream out;
    private final AtomicInteger last = new AtomicInteger();

    public JsonProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void planned(Plan plan) {
        ObjectNode event = Json.object();
        event.put("event", "planned");
        event.put("platform", plan.platform().toString());
        event.put(
                "steps",
                plan.stages().stream().mapToInt(stage -> stage.steps().size()).sum());
        print(event);
    }

    @Override
    public Activity start(Step step) {
        return new Line(step.label().toString(), step.label().line());
    }

    @Override
    public Activity start(String title) {
        return new Line(title, 0);
    }

    @Override
    public void warning(String text) {
        print(Json.object().put("event", "warning").put("message", text));
    }

    @Override
    public void lint(String file, PlanWarning warning) {
        print(Json.object()
                .put("event", "warning")
                .put("file", file)
                .put("line", warning.line())
                .put("rule", warning.rule())
                .put("message", warning.message()));
    }

    private void print(ObjectNode event) {
        byte[] json = Json.bytes(event);
        synchronized (out) {
            out.write(json, 0, json.length);
            out.write('\n');
            out.flush();
        }
    }

    private final class Line implements Activity {

        private final int id = last.incrementAndGet();

        Line(String title, int line) {
            ObjectNode event = event("started").put("title", title);
            if (line > 0) {
                event.put("line", line);
            }
            print(event);
        }

        @Override
        public void output(byte[] line) {
            print(event("output").put("text", new String(line, StandardCharsets.UTF_8)));
        }

        @Override
        public void detail(String text) {
            print(event("detail").put("text", text));
        }

        @Override
        public void note(String text) {
            print(event("note").put("text", text));
        }

        @Override
        public void done(StepResult result) {
            ObjectNode event = event("done")
                    .put("outcome", result.outcome().name().toLowerCase(Locale.ROOT))
                    .put("durationMillis", result.took().toMillis())
                    .put("sizeBytes", result.sizeBytes());
            if (result.digest() != null) {
                event.put("digest", result.digest().toString());
            }
            if (!result.missReason().isEmpty()) {
                event.put("missReason", result.missReason());
            }
            print(event);
        }

        @Override
        public void failed(String message) {
            print(event("failed").put("message", message));
        }

        private ObjectNode event(String name) {
            return Json.object().put("event", name).put("id", id);
        }
    }
}
