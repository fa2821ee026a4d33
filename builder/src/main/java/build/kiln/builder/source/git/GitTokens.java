package build.kiln.builder.source.git;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The secrets of a build by which it may read private repositories over HTTP: `GIT_AUTH_TOKEN`, a password or token,
/// and `GIT_AUTH_HEADER`, what is to stand behind `Authorization:`. With a dot and a host (and `:PORT`, if the URL has
/// one) behind the name, they are for this host alone. And the login for those over SSH.
@FunctionalInterface
public interface GitTokens {

    String HEADER = "GIT_AUTH_HEADER";
    String TOKEN = "GIT_AUTH_TOKEN";

    /// There are none.
    static GitTokens none() {
        return id -> null;
    }

    /// The value of the secret with this id; null if the build has none.
    byte @Nullable [] read(String id) throws IOException;

    /// The login for repositories that are reached by SSH; null if the user has given none.
    default @Nullable SshLogin login() {
        return null;
    }

    /// The same secrets, with this login.
    default GitTokens withLogin(@Nullable SshLogin login) {
        GitTokens tokens = this;
        return new GitTokens() {
            @Override
            public byte @Nullable [] read(String id) throws IOException {
                return tokens.read(id);
            }

            @Override
            public @Nullable SshLogin login() {
                return login;
            }
        };
    }
}
