package build.kiln.builder.dockerfile.parser;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.stream.Collectors;

/// Writes a syntax tree in the two notations of the reference implementation: parentheses, and JSON.
final class TreeDump {

    private TreeDump() {}

    static String parentheses(SyntaxTree tree) {
        return tree.nodes().stream().map(node -> "(" + parentheses(node) + ")").collect(Collectors.joining("\n"));
    }

    private static String parentheses(Node node) {
        StringBuilder text = new StringBuilder(node.keyword().toLowerCase(Locale.ROOT));
        if (!node.flags().isEmpty()) {
            text.append(node.flags().stream().map(TreeDump::quote).collect(Collectors.joining(" ", " [", "]")));
        }
        if (node.trigger() != null) {
            text.append(" (").append(parentheses(node.trigger())).append(")");
        } else {
            node.args().forEach(arg -> text.append(' ').append(quote(arg)));
        }
        return text.toString();
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            switch (point) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case 7 -> quoted.append("\\a");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case 11 -> quoted.append("\\v");
                default -> {
                    if (point < 0x20 || point == 0x7F) {
                        quoted.append(String.format("\\x%02x", point));
                    } else if (point == 0xA0 || point == 0xFEFF || (point >= 0x80 && point < 0xA0)) {
                        quoted.append(String.format("\\u%04x", point));
                    } else {
                        quoted.appendCodePoint(point);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    static ArrayNode json(SyntaxTree tree) {
        ArrayNode nodes = JsonNodeFactory.instance.arrayNode();
        for (Node node : tree.nodes()) {
            ObjectNode json = json(node);
            json.put("start", node.origin().lines().first());
            json.put("end", node.origin().lines().last());
            nodes.add(json);
        }
        return nodes;
    }

    private static ObjectNode json(Node node) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("value", node.keyword());
        json.put("original", node.origin().text());
        if (!node.flags().isEmpty()) {
            node.flags().forEach(json.putArray("flags")::add);
        }
        if (node.json()) {
            json.putObject("attributes").put("json", true);
        }
        if (!node.origin().comments().isEmpty()) {
            node.origin().comments().forEach(json.putArray("prev_comment")::add);
        }
        if (!node.heredocs().isEmpty()) {
            ArrayNode heredocs = json.putArray("heredocs");
            for (Heredoc heredoc : node.heredocs()) {
                heredocs.addObject()
                        .put("name", heredoc.name())
                        .put("fd", heredoc.fileDescriptor())
                        .put("expand", heredoc.expand())
                        .put("chomp", heredoc.chomp())
                        .put("content", heredoc.content());
            }
        }
        addArgs(json, node);
        return json;
    }

    private static void addArgs(ObjectNode json, Node node) {
        if (node.trigger() != null) {
            ObjectNode next = json.putObject("next");
            next.put("value", "");
            next.putArray("children").add(json(node.trigger()));
            return;
        }
        ObjectNode last = json;
        for (String arg : node.args()) {
            last = last.putObject("next");
            last.put("value", arg);
        }
    }
}
