package build.kiln.builder.source.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// With what right a file is asked for. It is sent to the origin of the URL alone, and is in no message.
///
/// @param authorization what stands behind `Authorization:`; null if everybody may have the file
/// @param advice to whom the server refuses it
public record HttpLogin(@Nullable String authorization, String advice) {

    /// What is for everybody.
    public static final HttpLogin NONE =
            none("Put the file where it can be read, or make it part of the build context.");

    /// @param advice as [#advice]
    public static HttpLogin none(String advice) {
        return new HttpLogin(null, advice);
    }

    public static HttpLogin basic(String username, String password, String advice) {
        byte[] user = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new HttpLogin("Basic " + Base64.getEncoder().encodeToString(user), advice);
    }

    public static HttpLogin bearer(String token, String advice) {
        return new HttpLogin("Bearer " + token, advice);
    }

    @Override
    public String toString() {
        return authorization == null ? "none" : "given";
    }
}
