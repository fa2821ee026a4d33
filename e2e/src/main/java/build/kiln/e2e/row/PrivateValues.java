package build.kiln.e2e.row;

import build.kiln.e2e.registry.RegistryClient.Login;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// What rows say of the registry that asks for credentials.
final class PrivateValues {

    private PrivateValues() {}

    /// `{{private}}` is its address, `{{private.base}}` the base image there, `{{private.login}}` and
    /// `{{private.wrong}}` are
    /// right and wrong credentials for the `data` of a Secret.
    static void define(Scene scene, Stage.PrivateRegistry registry) {
        String address = registry.client().address();
        scene.define("private", address);
        scene.define("private.base", registry.base());
        scene.define("private.login", dockerConfig(address, registry.login()));
        scene.define(
                "private.wrong",
                dockerConfig(address, new Login(registry.login().user(), "not-the-password")));
    }

    private static String dockerConfig(String address, Login login) {
        String json = "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(address, login.basic());
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
