package build.kiln.builder.app;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.IFactory;

/// Makes what picocli asks for: the list of a flag's values.
///
/// Its own factory looks for Groovy first, and opens every jar of the class path to find out that there is none: a
/// seventh of a start.
final class Instances implements IFactory {

    @Override
    public <K> K create(Class<K> type) throws ReflectiveOperationException {
        return type == List.class
                ? type.cast(new ArrayList<>())
                : type.getDeclaredConstructor().newInstance();
    }
}
