package build.kiln.builder.plan;

/// Something that a Dockerfile can ask for beyond the basic instructions, and that whoever runs the steps may lack.
public enum Feature {
    ONBUILD_TRIGGER("an ONBUILD trigger of the base image"),
    WINDOWS_LAYER("a Windows image as the base of further layers");

    private final String shown;

    Feature(String shown) {
        this.shown = shown;
    }

    /// As the user wrote it, or knows it.
    public String shown() {
        return shown;
    }
}
