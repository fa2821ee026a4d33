package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.ProcessUser;
import build.kiln.builder.sandbox.UnknownUserException;
import build.kiln.builder.snapshot.Snapshot;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Turns the names of users and groups into numbers, by the files of the image that the step starts from.
final class Owners {

    private static final Pattern NUMBERS = Pattern.compile("([0-9]{1,9})(?::([0-9]{1,9}))?");

    private final StageWork stage;
    private final Supplier<Snapshot> image;

    /// @param image mounts the files; called only if a name has to be looked up, and closed again
    Owners(StageWork stage, Supplier<Snapshot> image) {
        this.stage = stage;
        this.image = image;
    }

    /// What `--chown` says: a number without a group is both.
    Owner ofChown(String text, Step.Label label) {
        var numbers = NUMBERS.matcher(text);
        if (numbers.matches()) {
            long uid = Long.parseLong(numbers.group(1));
            return new Owner(uid, numbers.group(2) == null ? uid : Long.parseLong(numbers.group(2)));
        }
        return ofUser(text, label);
    }

    /// What USER says.
    Owner ofUser(String text, Step.Label label) {
        try (Snapshot files = image.get()) {
            ProcessUser user = ProcessUser.find(files, text);
            return new Owner(user.uid(), user.gid());
        } catch (UnknownUserException e) {
            throw stage.failure(Reason.UserNotFound, label, String.valueOf(e.getMessage()), "");
        }
    }
}
