package build.kiln.local.node;

import build.kiln.local.apiserver.http.PodLogs;
import build.kiln.local.apiserver.status.ApiFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The logs of the pods that are on the node now, by their uids.
public final class NodeLogs implements PodLogs {

    private final Map<String, LogFile> files = new ConcurrentHashMap<>();

    void add(String uid, LogFile file) {
        files.put(uid, file);
    }

    void remove(String uid) {
        files.remove(uid);
    }

    @Override
    public void copy(Query query, OutputSource source) throws IOException, InterruptedException {
        LogFile file = files.get(query.uid());
        if (file == null) {
            throw ApiFailure.badRequest("container \"" + query.container() + "\" in pod \"" + query.pod()
                    + "\" is waiting to start: ContainerCreating");
        }
        try (OutputStream out = source.open()) {
            file.copy(query, out);
        }
    }
}
