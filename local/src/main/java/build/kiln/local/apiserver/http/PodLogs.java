package build.kiln.local.apiserver.http;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who has the output of containers: the node.
@FunctionalInterface
public interface PodLogs {

    /// What part of a log is wanted, and how.
    ///
    /// @param uid of the pod: a later pod of the same name has another log
    /// @param container empty for the only one
    /// @param tailLines at most so many lines from the end; negative for all
    /// @param since only lines from then on; null for all
    /// @param limitBytes at most so much; negative for all
    record Query(
            String namespace,
            String pod,
            String uid,
            String container,
            End end,
            Lines lines,
            long tailLines,
            @Nullable Instant since,
            long limitBytes) {}

    /// Where the answer ends.
    enum End {
        /// With what there is now.
        NOW,
        /// When the container ends.
        WITH_CONTAINER
    }

    /// What each line is.
    enum Lines {
        PLAIN,
        WITH_TIME
    }

    /// Copies the wanted part to `out`, and flushes whenever it has to wait for more.
    ///
    /// @throws build.kiln.local.apiserver.status.ApiFailure before anything is written, if there is no such log
    /// @throws IOException if the client is gone
    void copy(Query query, OutputSource out) throws IOException, InterruptedException;

    /// Opens the answer's body: to be called once it is clear that there is something to answer.
    @FunctionalInterface
    interface OutputSource {

        OutputStream open() throws IOException;
    }
}
