package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.selector.FieldSelector;
import build.kiln.local.apiserver.selector.LabelSelector;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.ResourceType;
import org.jspecify.annotations.Nullable;

/// Which objects of a kind a list or a watch is about.
///
/// @param namespace empty for all
record Selection(String namespace, LabelSelector labels, FieldSelector fields) {

    static Selection of(Request request, ResourceType type, String namespace) {
        return new Selection(
                namespace,
                LabelSelector.parse(request.parameter("labelSelector")),
                FieldSelector.parse(request.parameter("fieldSelector"), type));
    }

    boolean matches(@Nullable Stored stored) {
        return stored != null
                && (namespace.isEmpty() || stored.key().namespace().equals(namespace))
                && (labels.matchesEverything() || labels.matches(Metadata.labels(stored.object())))
                && (fields.matchesEverything() || fields.matches(stored.object()));
    }
}
