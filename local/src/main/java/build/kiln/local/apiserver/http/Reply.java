package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.resource.Written;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/// Writes answers.
final class Reply {

    private Reply() {}

    static void json(HttpExchange exchange, int code, JsonNode body) throws IOException {
        bytes(exchange, code, "application/json", Json.bytes(body));
    }

    static void written(HttpExchange exchange, Written written, JsonNode body) throws IOException {
        for (String warning : written.warnings()) {
            exchange.getResponseHeaders()
                    .add("Warning", "299 - \"" + warning.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
        json(exchange, written.outcome() == Written.Outcome.CREATED ? 201 : 200, body);
    }

    static void bytes(HttpExchange exchange, int code, String mediaType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /// The body of an answer of unknown length, whose head is sent at once.
    static OutputStream stream(HttpExchange exchange, String mediaType) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        return out;
    }
}
