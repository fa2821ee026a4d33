package build.kiln.builder.failure;

import org.jspecify.annotations.Nullable;

/// Kiln broke one of its own rules. The user can do nothing but report it.
public final class Defect extends BuildFailure {

    public Defect(String fact, @Nullable Throwable cause) {
        super(Reason.Defect, "", fact, "This is a defect of Kiln; please report it with the whole output.", cause);
    }
}
