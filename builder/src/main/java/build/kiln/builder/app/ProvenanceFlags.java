package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.provenance.Detail;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `--provenance`, and `--attest type=provenance`, which it is short for.
final class ProvenanceFlags {

    /// Nobody vouches for what is built on a machine of somebody's own.
    private static final String BUILDER_ID = "https://kiln.build/builder/command-line";

    private static final List<String> KEYS = List.of("type", "mode", "builder-id", "version", "disabled");

    /// What BuildKit has besides, and why not here.
    private static final Map<String, String> REFUSED = Map.of(
            "reproducible", "whether a RUN gives the same again is for nobody to promise; remove it",
            "inline-only", "a provenance is kept beside the image and never in it; remove it",
            "filename", "a provenance is kept in the registry beside the image, and in no file; remove it",
            "generator", "Kiln writes it itself; remove it");

    private ProvenanceFlags() {}

    /// @return null if no provenance is wanted
    /// @throws RequestFailure `RequestInvalid`, `NotSupportedYet`
    static @Nullable ProvenanceRequest of(BuildOptions options) {
        List<KeyValues> all = new ArrayList<>();
        for (String text : options.attest) {
            KeyValues keys = KeyValues.parse("--attest", text);
            String type = keys.need("type");
            if (!type.equals("provenance")) {
                throw new RequestFailure(
                        Reason.NotSupportedYet,
                        "--attest " + text,
                        "Kiln makes no attestation of the type \"" + type + "\".",
                        "Make and sign it from the pushed image, for example with cosign or syft.");
            }
            all.add(keys);
        }
        if (options.provenance != null) {
            all.add(KeyValues.parse("--provenance", words(options.provenance)));
        }
        if (all.size() > 1) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "--provenance",
                    "the provenance is asked for " + all.size() + " times.",
                    "Write --provenance or --attest type=provenance once.");
        }
        return all.isEmpty() ? null : request(all.getFirst());
    }

    /// `true` and `false` stand for keys of their own.
    private static String words(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> "disabled=false";
            case "0", "f", "F", "false", "FALSE", "False" -> "disabled=true";
            default -> text;
        };
    }

    private static @Nullable ProvenanceRequest request(KeyValues keys) {
        REFUSED.forEach((key, why) -> {
            String value = keys.take(key);
            if (value != null) {
                throw keys.wrong(key + "=" + value + " is not supported: " + why);
            }
        });
        boolean disabled = keys.flag("disabled", false);
        String mode = keys.takeOr("mode", "min");
        Detail detail = switch (mode) {
            case "min" -> Detail.MIN;
            case "max" -> Detail.MAX;
            default -> throw keys.wrong("mode=" + mode + " is neither min nor max");
        };
        String version = keys.takeOr("version", "v1");
        if (!version.equals("v1")) {
            throw keys.wrong("version=" + version + " is not supported: Kiln writes SLSA provenance v1");
        }
        String builder = keys.takeOr("builder-id", BUILDER_ID);
        if (!isUri(builder)) {
            throw keys.wrong("builder-id=" + builder + " is not a URI, for example https://builders.example.com/ci");
        }
        keys.nothingLeft(KEYS);
        return disabled ? null : new ProvenanceRequest(detail, builder, "");
    }

    private static boolean isUri(String text) {
        try {
            return new URI(text).isAbsolute();
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
