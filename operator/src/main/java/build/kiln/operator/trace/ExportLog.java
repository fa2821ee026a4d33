package build.kiln.operator.trace;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/// What OpenTelemetry's own library says, as lines of our log: it writes to the JDK's, which nobody reads here.
final class ExportLog extends Handler {

    /// Held, or its handler would be forgotten with it.
    private static final Logger THEIRS = Logger.getLogger("io.opentelemetry");

    static void toOurs() {
        if (THEIRS.getUseParentHandlers()) {
            THEIRS.setUseParentHandlers(false);
            THEIRS.addHandler(new ExportLog());
        }
    }

    @Override
    public void publish(LogRecord line) {
        LoggerFactory.getLogger(BuildTraces.class).warn("Traces: {}", line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
