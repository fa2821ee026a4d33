package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A line for the operator among the lines for people in the builder's log.
///
/// It starts with an ASCII record separator, which the builder never lets a RUN's output put at the start of a line
/// (each such line has the step's number before it), so nothing that a Dockerfile prints is taken for one.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event", defaultImpl = ProgressLine.Unknown.class)
@JsonSubTypes({
    @JsonSubTypes.Type(value = ProgressLine.Planned.class, name = "planned"),
    @JsonSubTypes.Type(value = ProgressLine.StepStarted.class, name = "stepStarted"),
    @JsonSubTypes.Type(value = ProgressLine.StepFinished.class, name = "stepFinished"),
    @JsonSubTypes.Type(value = ProgressLine.Pushing.class, name = "pushing"),
    @JsonSubTypes.Type(value = ProgressLine.Warned.class, name = "warned")
})
public sealed interface ProgressLine {

    /// What a progress line starts with.
    String PREFIX = "\u001ekiln:";

    /// The source is there and the plan is made.
    ///
    /// @param total how many steps it has
    /// @param isolation the rung that RUNs will have
    /// @param leftOut the better rungs, the strongest first
    record Planned(
            int total,
            @Nullable String isolation,
            List<LeftOutRung> leftOut,
            @Nullable String sourceRevision,
            List<BaseImage> baseImages)
            implements ProgressLine {
        public Planned {
            leftOut = Wire.list(leftOut);
            baseImages = Wire.list(baseImages);
        }
    }

    /// A step is looked up, waited for or run.
    ///
    /// @param index counted from 1, unique in the build
    record StepStarted(int index, int total, String instruction) implements ProgressLine {
        public StepStarted {
            instruction = Text.cut(Text.oneLine(Wire.required(instruction, "instruction")), StepReport.MAX_INSTRUCTION);
        }
    }

    /// A step has its result. It may come without a [StepStarted] before it.
    record StepFinished(int index, int total, StepReport step) implements ProgressLine {
        public StepFinished {
            Wire.present(step, "step");
        }
    }

    /// All steps are done; what the registry lacks is on its way.
    ///
    /// @param image where to
    record Pushing(String image) implements ProgressLine {
        public Pushing {
            Wire.required(image, "image");
        }
    }

    /// Something that the user should know, although the build goes on.
    record Warned(String message) implements ProgressLine {
        public Warned {
            message = Text.cut(Text.oneLine(Wire.required(message, "message")), 1000);
        }
    }

    /// An event of a builder that is newer than the reader, or a line that is broken.
    record Unknown() implements ProgressLine {}

    /// The line, without its end. It has at most some 4 KiB, so that no container runtime splits it.
    default String format() {
        return PREFIX + Wire.write(this);
    }

    /// What a line of the builder's log says to the operator; empty if it is one for people.
    static Optional<ProgressLine> parse(String line) {
        if (!line.startsWith(PREFIX)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Wire.LENIENT.readValue(line.substring(PREFIX.length()), ProgressLine.class));
        } catch (JsonProcessingException e) {
            return Optional.of(new Unknown());
        }
    }
}
