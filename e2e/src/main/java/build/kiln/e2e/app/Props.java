package build.kiln.e2e.app;

import build.kiln.e2e.registry.OciArchive;
import build.kiln.e2e.registry.RegistryClient;
import build.kiln.e2e.registry.RegistryClient.Login;
import build.kiln.e2e.registry.RegistryFailure;
import build.kiln.e2e.registry.SeedImage;
import build.kiln.e2e.row.Stage.PrivateRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The images that a run needs, in the registries that the cluster pulls from: Kiln's own, and what its builds start
/// from.
///
/// @param base the full name of the small image that Dockerfiles are `FROM`
/// @param site the full name of the image that serves a git repository
/// @param operator digest of the operator's image; empty if the cluster has an operator
/// @param builder likewise, of the builder's
record Props(
        RegistryClient registry,
        Optional<PrivateRegistry> privateRegistry,
        Optional<Path> authority,
        Optional<Path> privateAuthority,
        String run,
        String base,
        String site,
        String operator,
        String builder) {

    /// Small, so that rows which go beyond it do no harm.
    private static final int PIDS_LIMIT = 1024;

    private static final String TAG = "1";

    static Props make(Path home, Options options, String run, Path folder) throws IOException, InterruptedException {
        Optional<Path> authority = Optional.ofNullable(options.registryCa);
        RegistryClient registry =
                RegistryClient.connect(Objects.requireNonNull(options.registry), authority, Optional.empty());
        String operator = "";
        String builder = "";
        if (!options.useInstalled) {
            Path images = options.images == null ? home.resolve("target/images") : options.images;
            operator = push(images.resolve("operator.tar"), registry, "kiln-e2e/operator", run, folder);
            builder = push(images.resolve("builder.tar"), registry, "kiln-e2e/builder", run, folder);
        }
        Path busybox = Busybox.find();
        List<String> applets = Busybox.applets(busybox);
        SeedImage.ofBusybox(busybox, applets).push(registry, "kiln-e2e/base", TAG, architecture());
        Path site = Repository.make(folder.resolve("site"));
        SeedImage.ofBusybox(busybox, applets).with(site, "site").push(registry, "kiln-e2e/site", run, architecture());
        return new Props(
                registry,
                privateRegistry(options, busybox, applets),
                authority,
                Optional.ofNullable(options.privateRegistryCa),
                run,
                registry.address() + "/kiln-e2e/base:" + TAG,
                registry.address() + "/kiln-e2e/site:" + run,
                operator,
                builder);
    }

    private static String push(Path archive, RegistryClient registry, String repository, String tag, Path folder)
            throws InterruptedException {
        if (!Files.isReadable(archive)) {
            throw new RegistryFailure(
                    "There is no image in %s. Make it with \"./kiln images\", or say with --images where it is."
                            .formatted(archive));
        }
        return OciArchive.push(archive, registry, repository, tag, folder);
    }

    private static Optional<PrivateRegistry> privateRegistry(Options options, Path busybox, List<String> applets)
            throws IOException, InterruptedException {
        String address = options.privateRegistry;
        Path file = options.privateLogin;
        if (address == null || file == null) {
            return Optional.empty();
        }
        Login login = login(file);
        RegistryClient client =
                RegistryClient.connect(address, Optional.ofNullable(options.privateRegistryCa), Optional.of(login));
        SeedImage.ofBusybox(busybox, applets).push(client, "kiln-e2e/base", TAG, architecture());
        return Optional.of(new PrivateRegistry(client, login, address + "/kiln-e2e/base:" + TAG));
    }

    private static Login login(Path file) throws IOException {
        String[] parts = Files.readString(file).lines().findFirst().orElse("").split(":", 2);
        if (parts.length != 2) {
            throw new RegistryFailure(
                    "The first line of %s is not USER:PASSWORD: there is no colon in it.".formatted(file));
        }
        return new Login(parts[0], parts[1]);
    }

    private static String architecture() {
        String architecture = System.getProperty("os.arch");
        return switch (architecture) {
            case "x86_64", "amd64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> architecture;
        };
    }

    /// The chart's values for this run.
    ///
    /// @param watched the namespaces of all rows
    Map<String, Object> chartValues(List<String> watched) throws IOException {
        Map<String, Object> builderValues = new LinkedHashMap<>();
        builderValues.put("image", Map.of("digest", builder));
        builderValues.put("cache", Map.of("size", "2Gi"));
        builderValues.put("pidsLimit", PIDS_LIMIT);
        String registries = registriesConf();
        if (!registries.isEmpty()) {
            builderValues.put("registriesConf", registries);
        }
        String authorities = pem(authority) + pem(privateAuthority);
        if (!authorities.isEmpty()) {
            builderValues.put("caBundle", authorities);
        }
        return Map.of(
                "images",
                Map.of("registry", registry.address() + "/kiln-e2e"),
                "watchNamespaces",
                watched,
                "operator",
                Map.of("image", Map.of("digest", operator)),
                "builder",
                builderValues);
    }

    private String registriesConf() {
        StringBuilder conf = new StringBuilder();
        plain(conf, registry);
        privateRegistry.ifPresent(it -> plain(conf, it.client()));
        return conf.toString();
    }

    private static void plain(StringBuilder conf, RegistryClient client) {
        if (client.isPlain()) {
            conf.append("[[registry]]\nlocation = \"%s\"\ninsecure = true\n".formatted(client.address()));
        }
    }

    private static String pem(Optional<Path> file) throws IOException {
        return file.isEmpty() ? "" : Files.readString(file.get(), StandardCharsets.US_ASCII);
    }
}
