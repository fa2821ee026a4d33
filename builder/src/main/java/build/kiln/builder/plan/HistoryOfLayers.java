package build.kiln.builder.plan;

import build.kiln.builder.oci.History;
import build.kiln.builder.oci.ImageConfig;
import java.util.ArrayList;
import java.util.List;

/// Makes the history tell of exactly as many layers as there are, which a base image's does not always do.
final class HistoryOfLayers {

    private static final String COMMENT = "buildkit.exporter.image.v0";

    private HistoryOfLayers() {}

    /// @param layers what made each layer, the lowest first
    static ImageConfig complete(ImageConfig image, List<String> layers) {
        List<History> history = new ArrayList<>();
        int told = 0;
        for (History one : image.history()) {
            boolean empty = one.emptyLayer() || told == layers.size();
            history.add(
                    empty == one.emptyLayer()
                            ? one
                            : new History(one.created(), one.createdBy(), one.author(), one.comment(), true));
            told += empty ? 0 : 1;
        }
        for (String layer : layers.subList(told, layers.size())) {
            history.add(new History(null, layer, null, COMMENT, false));
        }
        return new ImageConfig(
                image.created(), image.author(), image.platform(), image.config(), image.diffIds(), history);
    }
}
