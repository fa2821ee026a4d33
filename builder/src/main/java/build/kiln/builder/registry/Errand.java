package build.kiln.builder.registry;

import build.kiln.builder.oci.ImageReference;

/// What a request is made for, in the user's words: pulling or pushing the image that he named.
record Errand(Access access, ImageReference image) {

    static Errand pull(ImageReference image) {
        return new Errand(Access.PULL, image);
    }

    static Errand push(ImageReference image) {
        return new Errand(Access.PUSH, image);
    }

    /// The beginning of a sentence.
    String subject() {
        return switch (access) {
            case PULL -> "Pull of " + image;
            case PUSH -> "Push to " + image;
        };
    }
}
