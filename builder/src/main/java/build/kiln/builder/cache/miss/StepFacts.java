package build.kiln.builder.cache.miss;

import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import build.kiln.builder.source.FileMarks;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What one step of a build was made from, each fact by its name. It never holds a secret.
///
/// @param instruction as it was shown
/// @param written the first line of the instruction as it stands in the Dockerfile
/// @param start what the stage starts from
/// @param below the marks of the layers that the step starts from, the lowest first
/// @param does the step's canonical form by the names of its parts; `env NAME` for a variable
/// @param inputs the digests of what it reads, by name
/// @param epoch `SOURCE_DATE_EPOCH`; empty if nobody fixed it
/// @param files the files behind the inputs, as far as they are known, by the inputs' names
/// @param state whether the step came to its end
public record StepFacts(
        String instruction,
        String written,
        Start start,
        List<String> below,
        SortedMap<String, String> does,
        SortedMap<String, String> inputs,
        String epoch,
        SortedMap<String, FileMarks> files,
        State state) {

    /// How far a step came.
    public enum State {
        STARTED,
        FINISHED
    }

    /// What a stage starts from.
    ///
    /// @param name of the image or stage
    /// @param digest of the image; empty for a stage
    /// @param layers how many it has
    public record Start(String name, String digest, int layers) {}

    private static final int MARK = 12;

    /// The parts whose values are short and harmless, and may be shown.
    private static final Set<String> SHOWN =
            Set.of("user", "cwd", "network", "security", "chown", "chmod", "destination", "path", "owner");

    public StepFacts {
        below = List.copyOf(below);
        does = Collections.unmodifiableSortedMap(new TreeMap<>(does));
        inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /// @param canonical the step's canonical form
    public static StepFacts of(
            String instruction,
            String written,
            Start start,
            List<DiffId> below,
            byte[] canonical,
            Map<String, Digest> inputs,
            @Nullable Instant epoch,
            Map<String, FileMarks> files,
            State state) {
        SortedMap<String, String> reads = new TreeMap<>();
        inputs.forEach((name, digest) -> reads.put(name, digest.hex().substring(0, MARK)));
        return new StepFacts(
                instruction,
                written,
                start,
                below.stream().map(id -> id.digest().hex().substring(0, MARK)).toList(),
                parts(canonical),
                reads,
                epoch == null ? "" : Long.toString(epoch.getEpochSecond()),
                new TreeMap<>(files),
                state);
    }

    /// `RUN`, `COPY`, `ADD`, `WORKDIR`.
    String keyword() {
        return keyword(instruction);
    }

    /// The keyword of an instruction as it is shown.
    public static String keyword(String instruction) {
        String words = instruction.startsWith("ONBUILD ") ? instruction.substring("ONBUILD ".length()) : instruction;
        int blank = words.indexOf(' ');
        return blank < 0 ? words : words.substring(0, blank);
    }

    /// The same facts with the files of another build, where the inputs are the same and their files are not known.
    public StepFacts withFilesOf(StepFacts other) {
        SortedMap<String, FileMarks> all = new TreeMap<>(files);
        other.files.forEach((name, listing) -> {
            String mine = inputs.get(name);
            if (mine != null && mine.equals(other.inputs.get(name))) {
                all.putIfAbsent(name, listing);
            }
        });
        return new StepFacts(instruction, written, start, below, does, inputs, epoch, all, state);
    }

    private static SortedMap<String, String> parts(byte[] canonical) {
        SortedMap<String, String> all = new TreeMap<>();
        JsonNode whole = Json.parse(canonical);
        whole.properties()
                .forEach(kind -> kind.getValue().properties().forEach(part -> {
                    String name = part.getKey();
                    if (name.equals("env")) {
                        Json.list(part.getValue()).forEach(assignment -> {
                            int equals = assignment.indexOf('=');
                            String variable = assignment.substring(0, Math.max(equals, 0));
                            all.put("env " + variable, ShownValue.of(variable, assignment.substring(equals + 1)));
                        });
                    } else {
                        all.put(
                                name,
                                SHOWN.contains(name)
                                        ? ShownValue.of("", part.getValue().asText())
                                        : ShownValue.HIDDEN
                                                + ShownValue.mark(
                                                        new String(Json.bytes(part.getValue()), StandardCharsets.UTF_8),
                                                        16));
                    }
                }));
        return all;
    }

    /// @throws IllegalArgumentException if it is not a step's facts
    static StepFacts parse(JsonNode node) {
        SortedMap<String, FileMarks> files = new TreeMap<>();
        Json.strings(node.path("files")).forEach((name, text) -> files.put(name, listing(text)));
        return new StepFacts(
                Json.text(node, "instruction"),
                Json.text(node, "written"),
                new Start(
                        Json.text(node, "start"),
                        Json.text(node, "startDigest"),
                        Math.toIntExact(Json.number(node, "startLayers"))),
                Json.list(node.path("below")),
                new TreeMap<>(Json.strings(node.path("does"))),
                new TreeMap<>(Json.strings(node.path("inputs"))),
                Json.text(node, "epoch"),
                files,
                node.path("finished").asBoolean() ? State.FINISHED : State.STARTED);
    }

    ObjectNode toJson() {
        ObjectNode node = Json.object();
        node.put("instruction", instruction);
        node.put("written", written);
        node.put("start", start.name());
        node.put("startDigest", start.digest());
        node.put("startLayers", start.layers());
        node.set("below", Json.of(below));
        node.set("does", Json.of(does));
        node.set("inputs", Json.of(inputs));
        node.put("epoch", epoch);
        ObjectNode all = node.putObject("files");
        files.forEach((name, listing) -> all.put(name, text(listing)));
        node.put("finished", state == State.FINISHED);
        return node;
    }

    /// One text: a tree of that many nodes would cost more than all the rest.
    private static String text(FileMarks listing) {
        StringBuilder text = new StringBuilder();
        listing.marks()
                .forEach((path, mark) -> text.append(Integer.toHexString(mark))
                        .append(' ')
                        .append(path)
                        .append('\0'));
        return text.toString();
    }

    private static FileMarks listing(String text) {
        List<String> lines = new ArrayList<>(List.of(text.split("\0", -1)));
        SortedMap<String, Integer> marks = new TreeMap<>();
        for (String line : lines) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                marks.put(line.substring(blank + 1), Integer.parseUnsignedInt(line, 0, blank, 16));
            }
        }
        return new FileMarks(marks);
    }
}
