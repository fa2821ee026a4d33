package build.kiln.builder.registry;

/// Is told how transfers come along; called from the transferring thread, so it has to be quick.
@FunctionalInterface
public interface TransferListener {
    TransferListener NONE = _ -> {};

    void moved(Transfer transfer);
}
