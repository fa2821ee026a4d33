package build.kiln.builder.app;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.oci.Json;
import build.kiln.builder.plan.Outline;
import build.kiln.builder.plan.PlanRequest;
import build.kiln.builder.source.BuildFiles;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// `kiln build --call=outline` and `--call=targets`: what a Dockerfile offers, without building it. The answers have
/// the form of BuildKit's.
final class Calls {

    private final byte[] text;
    private final Dockerfile dockerfile;
    private final PrintStream out;

    Calls(BuildFiles files, PrintStream out) {
        this.text = files.dockerfile().content().getBytes(StandardCharsets.UTF_8);
        this.dockerfile = Dockerfile.parse(files.dockerfile().name(), text);
        this.out = out;
    }

    /// What can be given to the target's build.
    void outline(PlanRequest request, Call.Format format) {
        Outline outline = Outline.of(dockerfile, request);
        if (format == Call.Format.JSON) {
            out.println(new String(Json.bytes(json(outline)), StandardCharsets.UTF_8));
            return;
        }
        if (!outline.target().isEmpty()) {
            List<List<String>> head = new ArrayList<>();
            head.add(List.of("TARGET:", outline.target()));
            if (!outline.description().isEmpty()) {
                head.add(List.of("DESCRIPTION:", outline.description()));
            }
            table(head, 1);
            out.println();
        }
        arguments(outline.args());
        credentials("SECRET", outline.secrets());
        credentials("SSH", outline.agents());
    }

    private void arguments(List<Outline.Argument> args) {
        if (args.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("BUILD ARG", "VALUE", "DESCRIPTION"));
        args.forEach(arg -> {
            String value = arg.value();
            rows.add(List.of(arg.name(), value == null ? "" : value, arg.description()));
        });
        table(rows, 3);
        out.println();
    }

    private void credentials(String title, List<Outline.Credential> all) {
        if (all.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(title, "REQUIRED"));
        all.forEach(one -> rows.add(List.of(one.id(), one.required() ? "true" : "")));
        table(rows, 3);
        out.println();
    }

    /// The stages.
    void targets(Call.Format format) {
        List<Stage> stages = dockerfile.stages();
        if (format == Call.Format.JSON) {
            ObjectNode node = Json.object();
            ArrayNode all = node.putArray("targets");
            stages.forEach(stage -> all.add(json(stage, stage == stages.getLast())));
            node.putArray("sources").add(Base64.getEncoder().encodeToString(text));
            out.println(new String(Json.bytes(node), StandardCharsets.UTF_8));
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("TARGET", "DESCRIPTION"));
        for (Stage stage : stages) {
            String mark = stage == stages.getLast() ? " (default)" : "";
            rows.add(List.of((stage.name() + mark).strip(), stage.description()));
        }
        table(rows, 1);
    }

    /// Columns as wide as their widest cell, and so many blanks between them.
    private void table(List<List<String>> rows, int blanks) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        rows.forEach(row -> {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns - 1; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + blanks));
            }
            out.println(line.append(row.getLast()));
        });
    }

    private static ObjectNode json(Stage stage, boolean isDefault) {
        ObjectNode node = Json.object();
        putIfAny(node, "name", stage.name());
        if (isDefault) {
            node.put("default", true);
        }
        putIfAny(node, "description", stage.description());
        node.put("base", stage.base());
        location(node, stage.origin().lines().first());
        return node;
    }

    private ObjectNode json(Outline outline) {
        ObjectNode node = Json.object();
        putIfAny(node, "name", outline.target());
        putIfAny(node, "description", outline.description());
        if (!outline.args().isEmpty()) {
            ArrayNode args = node.putArray("args");
            outline.args().forEach(arg -> {
                ObjectNode one = args.addObject();
                one.put("name", arg.name());
                putIfAny(one, "description", arg.description());
                String value = arg.value();
                putIfAny(one, "value", value == null ? "" : value);
                location(one, arg.line());
            });
        }
        credentials(node, "secrets", outline.secrets());
        credentials(node, "ssh", outline.agents());
        node.putArray("sources").add(Base64.getEncoder().encodeToString(text));
        return node;
    }

    private static void credentials(ObjectNode node, String name, List<Outline.Credential> all) {
        if (all.isEmpty()) {
            return;
        }
        ArrayNode array = node.putArray(name);
        all.forEach(one -> {
            ObjectNode entry = array.addObject();
            entry.put("name", one.id());
            if (one.required()) {
                entry.put("required", true);
            }
            location(entry, one.line());
        });
    }

    private static void putIfAny(ObjectNode node, String key, String value) {
        if (!value.isEmpty()) {
            node.put(key, value);
        }
    }

    private static void location(ObjectNode node, int line) {
        ObjectNode range = node.putObject("location").putArray("ranges").addObject();
        range.putObject("start").put("line", line);
        range.putObject("end").put("line", line);
    }
}
