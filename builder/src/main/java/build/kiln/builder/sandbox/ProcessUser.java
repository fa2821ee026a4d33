package build.kiln.builder.sandbox;

import build.kiln.builder.snapshot.MountedRoot;
import java.util.List;

/// Whom a process runs as, in numbers.
///
/// @param supplementaryGids groups besides `gid`
public record ProcessUser(long uid, long gid, List<Long> supplementaryGids) {

    public static final ProcessUser ROOT = new ProcessUser(0, 0, List.of());

    public ProcessUser {
        supplementaryGids = List.copyOf(supplementaryGids);
    }

    /// Looks a USER up in the image's own `/etc/passwd` and `/etc/group`.
    ///
    /// As Docker does: `user` alone gets the groups that list it; `user:group` gets that group only; a number
    /// that nobody has is taken as it is, with group 0.
    ///
    /// @param text `user[:group]`, names or numbers; empty for root
    /// @throws UnknownUserException if there is no such name
    public static ProcessUser find(MountedRoot image, String text) throws UnknownUserException {
        return new UserDatabase(image).find(text);
    }
}
