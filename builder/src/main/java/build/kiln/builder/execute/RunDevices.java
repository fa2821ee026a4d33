package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.DeviceAccess;
import build.kiln.builder.sandbox.DeviceException;
import build.kiln.builder.sandbox.DeviceSpecs;
import java.util.ArrayList;
import java.util.List;

/// What a RUN gets of the machine's devices: `RUN --device=…`.
final class RunDevices {

    private final Step.Run step;
    private final StageWork stage;

    RunDevices(Step.Run step, StageWork stage) {
        this.step = step;
        this.stage = stage;
    }

    /// @throws build.kiln.builder.failure.BuildFailure `DeviceUnavailable`
    DeviceAccess access() {
        if (step.devices().isEmpty()) {
            return DeviceAccess.NONE;
        }
        try {
            DeviceSpecs specs = DeviceSpecs.ofThisMachine();
            List<String> names = new ArrayList<>();
            for (Step.Device device : step.devices()) {
                List<String> found = specs.find(device.name());
                if (found.isEmpty() && device.required()) {
                    throw specs.unknown(device.name());
                }
                names.addAll(found);
            }
            return specs.access(names);
        } catch (DeviceException e) {
            throw stage.failure(
                    Reason.DeviceUnavailable,
                    step.label(),
                    String.valueOf(e.getMessage()),
                    "Build where the device is, or describe it there in /etc/cdi.");
        }
    }
}
