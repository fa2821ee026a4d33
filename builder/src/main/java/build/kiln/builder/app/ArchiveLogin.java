package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.source.http.HttpLogin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The Secret of `spec.source.archive.credentialsSecret`: a bearer token, or a user name and a password.
///
/// @param folder that it is mounted at
/// @param name of the Secret
record ArchiveLogin(Path folder, String name) {

    private static final String FIELD = "spec.source.archive.credentialsSecret";
    private static final String FORM = "Create it with the keys \"username\" and \"password\" (type"
            + " kubernetes.io/basic-auth), or with the key \"token\".";

    /// What is said where a Secret would help and none is named.
    static final HttpLogin WITHOUT = HttpLogin.none("Name a Secret with credentials in " + FIELD + ".");

    /// The token, if the Secret has one, else the user name and the password.
    ///
    /// @throws RequestFailure `SecretInvalid`
    HttpLogin read() {
        String advice = "Correct the Secret \"" + name + "\" (" + FIELD + ").";
        return Files.isRegularFile(folder.resolve("token"))
                ? HttpLogin.bearer(text("token"), advice)
                : HttpLogin.basic(text("username"), text("password"), advice);
    }

    private String text(String key) {
        Path file = SecretFiles.need(folder, name, FIELD, key, FORM);
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
            if (!text.isEmpty() && text.chars().noneMatch(Character::isISOControl)) {
                return text;
            }
        } catch (IOException e) {
            throw invalid(key, "cannot be read: " + e.getMessage() + ".");
        }
        throw invalid(key, "is empty, or has more than one line.");
    }

    private RequestFailure invalid(String key, String fact) {
        return new RequestFailure(
                Reason.SecretInvalid, FIELD, "the key \"" + key + "\" of the Secret \"" + name + "\" " + fact, FORM);
    }
}
