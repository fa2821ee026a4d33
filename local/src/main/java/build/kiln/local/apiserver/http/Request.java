package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.resource.WriteOptions.Persistence;
import build.kiln.local.apiserver.resource.WriteOptions.UnknownFields;
import build.kiln.local.apiserver.status.ApiFailure;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a client asks.
///
/// @param path the parts of the path, decoded
/// @param query the first value of each parameter, decoded
record Request(String method, List<String> path, Map<String, String> query, HttpExchange exchange) {

    private static final int BODY_LIMIT = 3 << 20;

    static Request of(HttpExchange exchange, String prefix) {
        String rest = exchange.getRequestURI().getRawPath().substring(prefix.length());
        List<String> path = new ArrayList<>();
        for (String part : rest.split("/", -1)) {
            if (!part.isEmpty()) {
                path.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        Map<String, String> query = new HashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        Arrays.stream(raw == null ? new String[0] : raw.split("&")).forEach(pair -> {
            String[] parts = pair.split("=", 2);
            String value = parts.length == 2 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "";
            query.putIfAbsent(URLDecoder.decode(parts[0], StandardCharsets.UTF_8), value);
        });
        return new Request(exchange.getRequestMethod(), path, query, exchange);
    }

    String header(String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    String accept() {
        return String.join(",", exchange.getRequestHeaders().getOrDefault("Accept", List.of()));
    }

    /// The type of the body without its parameters.
    String mediaType() {
        return header("Content-Type").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    String parameter(String name) {
        return query.getOrDefault(name, "");
    }

    boolean asksFor(String name) {
        String value = parameter(name);
        return value.equals("true") || value.equals("1");
    }

    /// @throws ApiFailure BadRequest, if the parameter is there and is no number
    long number(String name, long otherwise) {
        String value = parameter(name);
        try {
            return value.isEmpty() ? otherwise : Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw ApiFailure.badRequest("the parameter " + name + " is \"" + value + "\", which is no whole number");
        }
    }

    byte[] body() throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_LIMIT + 1);
        if (body.length > BODY_LIMIT) {
            throw ApiFailure.badRequest("the body has more than " + BODY_LIMIT + " bytes");
        }
        return body;
    }

    WriteOptions writeOptions() {
        UnknownFields unknown = switch (parameter("fieldValidation")) {
            case "Strict" -> UnknownFields.REFUSE;
            case "Ignore" -> UnknownFields.IGNORE;
            default -> UnknownFields.WARN;
        };
        String manager = parameter("fieldManager");
        return new WriteOptions(
                persistence(), unknown, manager.isEmpty() ? header("User-Agent").split("/", 2)[0] : manager);
    }

    private Persistence persistence() {
        String dryRun = parameter("dryRun");
        return switch (dryRun) {
            case "" -> Persistence.STORE;
            case "All" -> Persistence.DRY_RUN;
            default -> throw ApiFailure.badRequest("dryRun is \"" + dryRun + "\"; the only value is All");
        };
    }
}
