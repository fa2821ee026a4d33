package build.kiln.builder.execute;

import build.kiln.builder.failure.Defect;
import build.kiln.builder.oci.DiffId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/// The layers that a stage has so far, the lowest first.
record Chain(List<LayerRef> layers) {

    static final Chain EMPTY = new Chain(List.of());

    Chain {
        layers = List.copyOf(layers);
    }

    Chain plus(LayerRef layer) {
        List<LayerRef> more = new ArrayList<>(layers);
        more.add(layer);
        return new Chain(more);
    }

    List<DiffId> diffIds() {
        return layers.stream().map(LayerRef::diffId).toList();
    }

    /// What `work` gives for each layer, the lowest first; all at the same time.
    <T> List<T> sideBySide(Function<LayerRef, T> work) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> all = layers.stream()
                    .map(layer -> threads.submit(() -> work.apply(layer)))
                    .toList();
            try {
                List<T> done = new ArrayList<>();
                for (Future<T> one : all) {
                    done.add(one.get());
                }
                return done;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException failure
                        ? failure
                        : new Defect("A layer could not be unpacked: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw StageRuns.interrupted(e);
            }
        }
    }
}
