package build.kiln.local.apiserver;

import build.kiln.local.apiserver.http.PodLogs;
import build.kiln.local.apiserver.http.Routes;
import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.Collector;
import build.kiln.local.apiserver.resource.EventExpiry;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.storage.Change;
import build.kiln.local.apiserver.storage.Store;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceTypes;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The API server: a store, the rules of the API, and HTTP on the loopback interface.
///
/// It speaks plain HTTP and asks nobody who he is. So its paths can start with a word that only those know who may
/// read the kubeconfig.
public final class ApiServer implements AutoCloseable {

    static {
        // Read once by the JDK's server; without it each small answer waits 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /// Where the server listens.
    ///
    /// @param port 0 for a free one
    /// @param pathPrefix empty, or a slash and a word
    public record Settings(int port, String pathPrefix) {

        public static final Settings ANY_PORT = new Settings(0, "");
    }

    private final Store store;
    private final Resources resources;
    private final Collector collector;
    private final EventExpiry expiry;
    private final HttpServer http;
    private final ExecutorService threads;
    private final URI url;

    private ApiServer(
            Store store, Resources resources, Collector collector, HttpServer http, ExecutorService threads, URI url) {
        this.store = store;
        this.resources = resources;
        this.collector = collector;
        this.expiry = new EventExpiry(resources);
        this.http = http;
        this.threads = threads;
        this.url = url;
    }

    /// Starts a server with the namespaces `default` and `kube-system`, and nothing else in it.
    ///
    /// @param logs who has the output of containers
    /// @throws IOException if the port is taken
    public static ApiServer start(Settings settings, Clock clock, PodLogs logs) throws IOException {
        Store store = new Store();
        ResourceTypes types = new ResourceTypes();
        store.listen(change -> follow(types, change));
        Resources resources = new Resources(store, types, clock);
        Collector collector = new Collector(store, resources);
        for (String name : List.of("default", "kube-system")) {
            ObjectNode namespace = Json.object();
            Metadata.of(namespace).put("name", name);
            resources.create(types.builtin(BuiltinTypes.NAMESPACES), "", namespace, WriteOptions.DEFAULT);
        }
        HttpServer http =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()), 128);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        http.setExecutor(threads);
        http.createContext(settings.pathPrefix() + "/", new Routes(settings.pathPrefix(), resources, logs));
        http.start();
        URI url = URI.create("http://127.0.0.1:" + http.getAddress().getPort() + settings.pathPrefix());
        return new ApiServer(store, resources, collector, http, threads, url);
    }

    private static void follow(ResourceTypes types, Change change) {
        if (change.object().key().resource().equals(BuiltinTypes.DEFINITIONS)) {
            switch (change.type()) {
                case ADDED, MODIFIED -> types.define(change.object().object());
                case DELETED -> types.undefine(change.object().object());
            }
        }
    }

    /// Where clients find the server.
    public URI url() {
        return url;
    }

    /// The API without HTTP, for who lives in this process.
    public Resources resources() {
        return resources;
    }

    /// Creates the objects of a YAML text, such as a CustomResourceDefinition.
    public void install(byte[] yaml) {
        for (ObjectNode object : Json.parseYamlDocuments(yaml)) {
            String apiVersion = object.path("apiVersion").asText();
            int slash = apiVersion.indexOf('/');
            String group = slash < 0 ? "" : apiVersion.substring(0, slash);
            String kind = object.path("kind").asText();
            var type = resources.types().all().stream()
                    .filter(each ->
                            each.kind().equals(kind) && each.resource().group().equals(group))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the server has no " + kind + " of " + apiVersion + ", which is to be installed"));
            resources.create(type, Metadata.namespace(object), object, WriteOptions.DEFAULT);
        }
    }

    /// Ends all watches and forgets everything.
    @Override
    public void close() {
        store.close();
        collector.close();
        expiry.close();
        http.stop(0);
        threads.shutdownNow();
    }
}
