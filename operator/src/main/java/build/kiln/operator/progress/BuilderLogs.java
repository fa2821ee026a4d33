package build.kiln.operator.progress;

import java.io.IOException;
import java.io.InputStream;

/// Where the logs of builder pods come from.
public interface BuilderLogs {

    /// The builder's log from its first line on, and what comes to it until the builder ends.
    ///
    /// @throws IOException if there is none yet, or no more
    InputStream follow(PodKey pod) throws IOException;

    Life life(PodKey pod);

    /// Whether a pod may still write to its log.
    enum Life {
        ACTIVE,
        ENDED,
        GONE
    }
}
