package build.kiln.builder.sandbox;

/// A device cannot be given to a process. The message is a whole sentence.
public final class DeviceException extends Exception {

    DeviceException(String message) {
        super(message);
    }
}
