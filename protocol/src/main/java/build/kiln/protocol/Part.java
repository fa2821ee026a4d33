package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/// What a pod does that does not do a whole build.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Part.Platform.class, name = "platform"),
    @JsonSubTypes.Type(value = Part.Index.class, name = "index"),
    @JsonSubTypes.Type(value = Part.BaseImages.class, name = "baseImages")
})
public sealed interface Part {

    /// It builds the image of one platform and pushes it by its digest: no tag leads to it.
    record Platform() implements Part {}

    /// It pushes the index of images that are in the registry already, and lets the tags lead to it. Nothing is built.
    ///
    /// @param images in the order of the index, at least one
    record Index(List<Image> images) implements Part {
        @JsonCreator
        public Index(@JsonProperty("images") List<Image> images) {
            this.images = Wire.list(images);
            if (this.images.isEmpty()) {
                throw new IllegalArgumentException(
                        "The field \"part.images\" is empty; an index has an image at least.");
            }
        }
    }

    /// It looks whether the names of base images still lead to what they led to. Nothing is built, and nothing pushed.
    ///
    /// @param known what they led to when it was last seen, at least one
    record BaseImages(List<BaseImage> known) implements Part {
        @JsonCreator
        public BaseImages(@JsonProperty("known") List<BaseImage> known) {
            this.known = Wire.list(known);
            if (this.known.isEmpty()) {
                throw new IllegalArgumentException(
                        "The field \"part.known\" is empty; there is a base image at least to look for.");
            }
        }
    }

    /// An image of the repository that is pushed to.
    ///
    /// @param platform that it was built for, as in [BuildRequest#platform]
    /// @param digest of its manifest
    record Image(String platform, String digest) {
        public Image {
            Wire.required(platform, "part.images.platform");
            Wire.required(digest, "part.images.digest");
        }
    }
}
