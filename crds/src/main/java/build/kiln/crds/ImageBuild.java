package build.kiln.crds;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/// An image that shall be in a registry: what it is built from, and where it goes.
///
/// The columns are shown in the order in which they stand here; those of priority 1 only with `-o wide`.
@Group(ImageBuild.GROUP)
@Version("v1alpha1")
@Plural("imagebuilds")
@Singular("imagebuild")
@ShortNames("imb")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = Type.STRING)
@AdditionalPrinterColumn(name = "Steps", jsonPath = ".status.build.steps", type = Type.STRING)
@AdditionalPrinterColumn(name = "Image", jsonPath = ".status.image", type = Type.STRING)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "Cached", jsonPath = ".status.build.cached", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(name = "Duration", jsonPath = ".status.build.duration", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Succeeded\")].reason",
        type = Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(name = "Node", jsonPath = ".status.build.node", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(name = "Isolation", jsonPath = ".status.isolation", type = Type.STRING, priority = 1)
public class ImageBuild extends CustomResource<ImageBuildSpec, ImageBuildStatus> implements Namespaced {

    private static final long serialVersionUID = 1L;

    public static final String GROUP = "kiln.build";

    /// The category that `kubectl get kiln` lists.
    public static final String CATEGORY = "kiln";

    /// A new value of this annotation asks for the image to be built again.
    public static final String REBUILD_REQUESTED_AT = GROUP + "/rebuild-requested-at";
}
