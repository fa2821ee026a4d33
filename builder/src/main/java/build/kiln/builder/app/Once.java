package build.kiln.builder.app;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes a thing when it is first asked for, and gives the same one ever after.
final class Once<T> implements Supplier<T> {

    private final Supplier<T> make;
    private @Nullable T made;

    Once(Supplier<T> make) {
        this.make = make;
    }

    @Override
    public synchronized T get() {
        T known = made;
        if (known == null) {
            known = make.get();
            made = known;
        }
        return known;
    }
}
