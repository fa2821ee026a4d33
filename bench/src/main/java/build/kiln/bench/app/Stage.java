package build.kiln.bench.app;

import build.kiln.bench.contender.Contender;
import build.kiln.bench.image.BaseImages;
import build.kiln.bench.image.StoredImage;
import build.kiln.bench.workload.Base;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.local.cluster.RegistryProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;

/// The registry, with base images in it, and the folders that all builders work in.
final class Stage implements AutoCloseable {

    private final Path folder;
    private final PrintStream people;
    private final RegistryProcess registry;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Set<Base> pushed = EnumSet.noneOf(Base.class);

    private Stage(Path folder, PrintStream people, RegistryProcess registry) {
        this.folder = folder;
        this.people = people;
        this.registry = registry;
    }

    /// Starts an empty registry.
    static Stage open(Path folder, PrintStream people) throws IOException, InterruptedException {
        delete(folder.resolve("registry"));
        return new Stage(folder, people, RegistryProcess.start(folder.resolve("registry")));
    }

    Path contexts() {
        return folder.resolve("contexts");
    }

    Path log(String name) throws IOException {
        return Files.createDirectories(folder.resolve("logs")).resolve(name + ".log");
    }

    String address() {
        return registry.address();
    }

    Contender.Place place(String contender) {
        return new Contender.Place(folder.resolve("builders").resolve(contender), address());
    }

    /// Sees to it that the registry has the base image.
    void provide(Base base) throws IOException, InterruptedException {
        if (pushed.add(base)) {
            people.println("making the base image \"" + base.repository() + "\"");
            try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
                new BaseImages(folder.resolve("bases"), client, address()).push(base);
            }
        }
    }

    StoredImage pull(String repository, String tag) throws IOException, InterruptedException {
        return StoredImage.pull(http, address(), repository, tag);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        registry.close();
        http.close();
        delete(folder.resolve("registry"));
    }
}
