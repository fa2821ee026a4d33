package build.kiln.builder.app;

import build.kiln.builder.execute.Verification;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Json;
import build.kiln.builder.sandbox.NetworkAccess;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `--verify` and what goes with it.
final class VerifyFlags {

    private static final Pattern DURATION = Pattern.compile("(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?");

    private VerifyFlags() {}

    /// @return null if nobody asked for a verification
    /// @throws RequestFailure `RequestInvalid`
    static @Nullable Verification of(BuildOptions options) {
        if (options.verify == null) {
            if (!options.verifyTimeout.isEmpty() || !options.verifyNetwork.isEmpty()) {
                throw wrong(
                        options.verifyTimeout.isEmpty() ? "--verify-network" : "--verify-timeout",
                        "there is no --verify that it could be for.",
                        "Write --verify COMMAND, or remove it.");
            }
            return null;
        }
        return new Verification(
                command(options.verify), timeout(options.verifyTimeout), network(options.verifyNetwork), "--verify");
    }

    /// A JSON array of strings, or words between blanks.
    private static List<String> command(String text) {
        if (text.strip().startsWith("[")) {
            return array(text);
        }
        if (text.matches("(?s).*[\"'\\\\$|&;<>`].*")) {
            throw wrong(
                    "--verify " + text,
                    "it has a character that a shell would act on, and there is no shell.",
                    "Write a JSON array, with a shell if you want one: --verify '[\"/bin/sh\", \"-c\", \"…\"]'.");
        }
        if (text.isBlank()) {
            throw wrong("--verify", "it names no program.", "Write for example --verify '/app/web --version'.");
        }
        return List.of(text.strip().split("\\s+"));
    }

    private static List<String> array(String text) {
        List<String> words = new ArrayList<>();
        try {
            JsonNode array = Json.parse(("{\"run\":" + text + "}").getBytes(StandardCharsets.UTF_8))
                    .path("run");
            for (JsonNode word : array) {
                if (!word.isTextual()) {
                    throw new IllegalArgumentException("it has " + word + " in it, which is no string");
                }
                words.add(word.textValue());
            }
        } catch (IllegalArgumentException e) {
            throw wrong("--verify " + text, e.getMessage() + ".", "Write --verify '[\"PROGRAM\", \"ARGUMENT\"]'.");
        }
        if (words.isEmpty()) {
            throw wrong("--verify " + text, "it names no program.", "Write --verify '[\"PROGRAM\", \"ARGUMENT\"]'.");
        }
        return words;
    }

    private static Duration timeout(String text) {
        if (text.isEmpty()) {
            return Duration.ofSeconds(30);
        }
        Matcher parts = DURATION.matcher(text);
        Duration all = parts.matches()
                ? Duration.ofHours(number(parts.group(1)))
                        .plusMinutes(number(parts.group(2)))
                        .plusSeconds(number(parts.group(3)))
                : Duration.ZERO;
        if (all.isZero()) {
            throw wrong("--verify-timeout " + text, "it is not a time.", "Write for example 90s or 1m30s.");
        }
        return all;
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static NetworkAccess network(String word) {
        return switch (word) {
            case "", "none" -> NetworkAccess.NONE;
            case "host" -> NetworkAccess.HOST;
            default ->
                throw wrong(
                        "--verify-network " + word,
                        "there is no such network.",
                        "Write none, or host for the network that RUNs have.");
        };
    }

    private static RequestFailure wrong(String place, String fact, String advice) {
        return new RequestFailure(Reason.RequestInvalid, place, fact, advice);
    }
}
