package build.kiln.builder.fuzz;

import java.util.List;

/// Something that reads what others wrote.
///
/// @param seeds inputs that it takes
/// @param fragments what mutants get put in
/// @param refusals the failures with which it may refuse an input; anything else that it throws is a finding
record FuzzTarget(
        String name,
        List<byte[]> seeds,
        List<byte[]> fragments,
        List<Class<? extends Throwable>> refusals,
        Reader reader) {

    /// Reads one input, and checks what is true of everything that can be read.
    interface Reader {
        void read(byte[] input) throws Exception;
    }

    boolean mayThrow(Throwable thrown) {
        return refusals.stream().anyMatch(type -> type.isInstance(thrown));
    }

    @Override
    public String toString() {
        return name;
    }
}
