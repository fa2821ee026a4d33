package build.kiln.builder.registry;

import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/// What came back, read to its end.
record Reply(int status, HttpHeaders headers, byte[] body, URI from) {

    boolean isSuccess() {
        return status / 100 == 2;
    }

    String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    /// Whether the same request may well succeed later.
    static boolean worthAnotherTry(int status) {
        return switch (status) {
            case 408, 425, 429, 500, 502, 503, 504 -> true;
            default -> false; // any other number that the wire may bring
        };
    }

    /// How long the peer asks to be left alone; zero if it does not.
    static Duration retryAfter(HttpHeaders headers, Instant now) {
        String value = headers.firstValue("Retry-After").orElse("").trim();
        if (value.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    /// `403 DENIED`: the status and the registry's error code, if it gave one.
    String statusAndCode() {
        String code = error().path("code").asText("");
        return code.matches("[A-Z_]{1,40}") ? status + " " + code : String.valueOf(status);
    }

    /// Whether the registry gave this error code.
    boolean says(String code) {
        return !isSuccess() && error().path("code").asText("").equals(code);
    }

    /// The registry's own words, quoted, with a leading space; empty if it gave none.
    String quoted() {
        String text = Words.fromPeer(error().path("message").asText(""));
        return text.isEmpty() ? "" : " (\"" + text + "\")";
    }

    private JsonNode error() {
        if (body.length == 0 || body[0] != '{') {
            return Json.object();
        }
        try {
            return Json.parse(body).path("errors").path(0);
        } catch (IllegalArgumentException e) {
            return Json.object();
        }
    }
}
