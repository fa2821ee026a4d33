package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.FileSource;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.DeviceAccess;
import build.kiln.builder.sandbox.SandboxMount;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.FileMarks;
import build.kiln.builder.source.Selected;
import build.kiln.builder.source.ssh.SshAgent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a RUN sees besides the image: `RUN --mount=…`.
final class RunMounts {

    private final Step.Run step;
    private final StageWork stage;
    private final Cache cache;
    private final Map<String, FileMarks.Collector> files = new LinkedHashMap<>();

    RunMounts(Step.Run step, StageWork stage, Cache cache) {
        this.step = step;
        this.stage = stage;
        this.cache = cache;
    }

    /// The mounts while one process uses them.
    static final class Opened implements AutoCloseable {

        private final Cache cache;
        private final List<SandboxMount> mounts = new ArrayList<>();
        private final List<String> environment = new ArrayList<>();
        private final List<AutoCloseable> open = new ArrayList<>();
        private final Map<CacheName, CacheMounts.Taken> caches = new HashMap<>();
        private final List<Path> written = new ArrayList<>();
        private Predicate<Path> discarded = folder -> false;
        private DeviceAccess devices = DeviceAccess.NONE;

        private Opened(Cache cache) {
            this.cache = cache;
        }

        List<SandboxMount> mounts() {
            return mounts;
        }

        /// The directories that take the room of what the process writes into mounts.
        List<Path> written() {
            return written;
        }

        /// Throws away what these cache mounts hold when it is closed.
        void discard(Predicate<Path> which) {
            discarded = which;
        }

        /// Variables that hold secrets.
        List<String> environment() {
            return environment;
        }

        DeviceAccess devices() {
            return devices;
        }

        @Override
        public void close() {
            caches.values().stream()
                    .distinct()
                    .filter(taken -> discarded.test(taken.folder()))
                    .forEach(taken -> taken.discard(cache));
            for (AutoCloseable one : open.reversed()) {
                try {
                    one.close();
                } catch (Exception e) {
                    throw new Defect("A mount of a RUN could not be closed: " + e, e);
                }
            }
        }
    }

    Map<String, Digest> identities() throws InterruptedException {
        Map<String, Digest> all = new LinkedHashMap<>();
        for (Step.Mount mount : step.mounts()) {
            if (mount instanceof Step.Mount.Bind bind) {
                Optional<Digest> known = stage.sources().identity(bind.from());
                all.put(name(bind), known.isPresent() ? known.get() : content(bind));
            } else {
                seeds(all, mount);
            }
        }
        return all;
    }

    Map<String, Digest> contents() throws InterruptedException {
        Map<String, Digest> all = new LinkedHashMap<>();
        for (Step.Mount mount : step.mounts()) {
            if (mount instanceof Step.Mount.Bind bind) {
                all.put(name(bind), content(bind));
            } else {
                seeds(all, mount);
            }
        }
        return all;
    }

    private void seeds(Map<String, Digest> all, Step.Mount mount) throws InterruptedException {
        if (mount instanceof Step.Mount.Cache of && !(of.from() instanceof FileSource.Empty)) {
            all.put("mount " + of.target(), identity(of.from()));
        }
    }

    private Digest identity(FileSource source) throws InterruptedException {
        Optional<Digest> known = stage.sources().identity(source);
        return known.isPresent() ? known.get() : content(source, "/");
    }

    Map<String, FileMarks> files() {
        Map<String, FileMarks> all = new LinkedHashMap<>();
        files.forEach((name, collector) -> all.put(name, collector.listing()));
        return all;
    }

    private static String name(Step.Mount.Bind bind) {
        return "mount " + bind.target();
    }

    /// @param activity is told for whom the RUN waits
    Opened open(Progress.Activity activity) throws InterruptedException {
        Opened opened = new Opened(cache);
        try {
            takeCaches(opened, activity);
            for (Step.Mount mount : step.mounts()) {
                add(opened, mount);
            }
            opened.devices = new RunDevices(step, stage).access();
            return opened;
        } catch (RuntimeException | InterruptedException e) {
            opened.close();
            throw e;
        }
    }

    /// A cache mount and the directory that it is.
    private record Wanted(Step.Mount.Cache mount, @Nullable CacheSeed seed, String directory) {}

    /// In the order of their directories, so that no two RUNs wait for each other; each once, whatever its mount
    /// points and wherever it starts from, so that none waits for itself.
    private void takeCaches(Opened opened, Progress.Activity activity) throws InterruptedException {
        CacheMounts mounts =
                new CacheMounts(cache, activity, stage.snapshots().get().form());
        List<Wanted> all = new ArrayList<>();
        for (Step.Mount mount : step.mounts()) {
            if (mount instanceof Step.Mount.Cache of) {
                CacheSeed seed = seed(of);
                all.add(new Wanted(
                        of, seed, CacheMounts.id(of, stage.planned().platform(), seed) + "\n" + of.sharing()));
            }
        }
        all.sort(Comparator.comparing(Wanted::directory));
        Map<String, CacheMounts.Taken> directories = new HashMap<>();
        for (Wanted one : all) {
            CacheMounts.Taken taken = directories.get(one.directory());
            if (taken == null) {
                taken = mounts.take(one.mount(), stage.planned().platform(), one.seed());
                opened.open.add(taken);
                opened.written.add(taken.folder());
                directories.put(one.directory(), taken);
            }
            opened.caches.put(CacheName.of(one.mount()), taken);
        }
    }

    /// Mounts of one RUN that are the same directory.
    private record CacheName(String id, Step.Sharing sharing, FileSource from, int mode, int uid, int gid) {
        static CacheName of(Step.Mount.Cache mount) {
            return new CacheName(mount.id(), mount.sharing(), mount.from(), mount.mode(), mount.uid(), mount.gid());
        }
    }

    private void add(Opened opened, Step.Mount mount) throws InterruptedException {
        switch (mount) {
            case Step.Mount.Bind bind -> bind(opened, bind);
            case Step.Mount.Cache of -> cache(opened, of);
            case Step.Mount.Secret secret -> secret(opened, secret);
            case Step.Mount.Tmpfs(String target, long sizeBytes) ->
                opened.mounts.add(new SandboxMount.Tmpfs(target, sizeBytes));
            case Step.Mount.Inline(String target, String text, int mode) ->
                opened.mounts.add(
                        new SandboxMount.MemoryFile(target, text.getBytes(StandardCharsets.UTF_8), mode, 0, 0));
            case Step.Mount.Ssh ssh -> agent(opened, ssh);
        }
    }

    private void bind(Opened opened, Step.Mount.Bind bind) throws InterruptedException {
        Path source = location(bind.from(), bind.source());
        if (bind.writable()) {
            // What is written is thrown away: an overlay whose changes nobody keeps. A file is taken out of its
            // folder's.
            boolean isFolder = Files.isDirectory(source);
            Path folder = isFolder ? source : Objects.requireNonNull(source.getParent());
            RootFilesystem scratch = stage.snapshots().get().mount(List.of(folder));
            opened.open.add(scratch);
            opened.written.add(scratch.written());
            Path seen = scratch.root().resolve(isFolder ? Path.of("") : source.getFileName());
            opened.mounts.add(new SandboxMount.Bind(seen, bind.target(), SandboxMount.Access.READ_WRITE));
        } else {
            opened.mounts.add(new SandboxMount.Bind(source, bind.target(), SandboxMount.Access.READ_ONLY));
        }
    }

    /// Where the files are. Those of a context are first brought into a folder without what `.dockerignore` leaves
    /// out.
    private Path location(FileSource from, String path) throws InterruptedException {
        BuildContext context = stage.sources().open(from);
        Selected selected = select(context, path);
        return switch (from) {
            case FileSource.Stage _, FileSource.Image _, FileSource.Empty _ ->
                selected.file().location();
            case FileSource.Context _, FileSource.NamedContext _ -> {
                Layout layout = new Layout(_ -> Optional.empty(), stage.epoch());
                boolean directory = selected.isDirectory();
                try {
                    new CopyLayout(
                                    layout,
                                    (directory ? "/" : "/file").getBytes(StandardCharsets.UTF_8),
                                    Optional.empty(),
                                    Optional.empty(),
                                    CopyLayout.Existing.REPLACED,
                                    stage.digests())
                            .copy(context, selected);
                } catch (IOException e) {
                    throw LayerStore.diskFull(stage.workspace(), e);
                }
                LayerMaker.Kept kept = stage.maker().makingDirectories().make(layout::writeTo, LayerMaker.Blob.PLAIN);
                Path folder = stage.layers()
                        .directory(new LayerRef.Made(
                                kept.layer().diffId(),
                                kept.blobs(),
                                stage.epoch(),
                                step.label().text()));
                yield directory ? folder : folder.resolve("file");
            }
        };
    }

    private Selected select(BuildContext context, String path) {
        List<Selected> found = context.select(path, DockerIgnore.NOTHING, stage.place(step.label()));
        if (found.size() != 1) {
            throw stage.dockerfileFailure(
                    step.label(),
                    "the source \"" + path + "\" of a bind mount is " + found.size() + " files in " + context.name()
                            + ".",
                    "Name one file or directory, without wildcards.");
        }
        return found.getFirst();
    }

    private Digest content(Step.Mount.Bind bind) throws InterruptedException {
        BuildContext context = stage.sources().open(bind.from());
        FileMarks.Collector listing = new FileMarks.Collector();
        files.put(name(bind), listing);
        return stage.digests().of(context, List.of(select(context, bind.source())), listing);
    }

    private Digest content(FileSource from, String path) throws InterruptedException {
        BuildContext context = stage.sources().open(from);
        return stage.digests().of(context, List.of(select(context, path)));
    }

    private void cache(Opened opened, Step.Mount.Cache mount) throws InterruptedException {
        CacheMounts.Taken taken = Objects.requireNonNull(opened.caches.get(CacheName.of(mount)));
        SandboxMount.Access access = mount.readOnly() ? SandboxMount.Access.READ_ONLY : SandboxMount.Access.READ_WRITE;
        if (mount.source().equals("/")) {
            opened.mounts.add(new SandboxMount.Bind(taken.folder(), mount.target(), access));
        } else {
            Directory source = within(taken.folder(), mount);
            opened.open.add(source);
            opened.mounts.add(new SandboxMount.OpenDirectory(source, mount.target(), access));
        }
    }

    /// What the mount's directory holds when nobody has used it yet; null for nothing.
    private @Nullable CacheSeed seed(Step.Mount.Cache mount) throws InterruptedException {
        return mount.from() instanceof FileSource.Empty
                ? null
                : new CacheSeed(location(mount.from(), "/"), identity(mount.from()));
    }

    /// Opened as if the cache's directory were `/`: others fill it, and their links must not lead out of it, not
    /// even if they change while they are looked at.
    private Directory within(Path folder, Step.Mount.Cache mount) {
        byte[] path = mount.source().substring(1).getBytes(StandardCharsets.UTF_8);
        try (Directory root = Directory.open(folder)) {
            return root.openDirectory(path, Resolution.IN_ROOT);
        } catch (SystemCallFailure e) {
            throw stage.failure(
                    Reason.FileNotFound,
                    step.label(),
                    "the cache mount \"" + mount.id() + "\" has no directory \"" + mount.source()
                            + "\", which source= names.",
                    "Make it in an earlier RUN that mounts the whole cache, or give it with from=.");
        }
    }

    private void agent(Opened opened, Step.Mount.Ssh mount) {
        SshAgent agent = stage.job().run().ssh().get(mount.id());
        if (agent != null) {
            opened.mounts.add(new SandboxMount.Agent(mount.target(), agent, mount.mode(), mount.uid(), mount.gid()));
        } else if (mount.required()) {
            throw new RequestFailure(
                    Reason.SecretInvalid,
                    stage.place(step.label()),
                    "the RUN needs the SSH agent \"" + mount.id() + "\", which nobody has given.",
                    "Give it with --ssh " + mount.id() + ", or with --ssh " + mount.id() + "=KEYFILE; in an ImageBuild"
                            + " with spec.ssh.");
        }
    }

    private void secret(Opened opened, Step.Mount.Secret mount) {
        RunSettings.SecretSource source = stage.job().run().secrets().get(mount.id());
        if (source == null) {
            if (mount.required()) {
                throw new RequestFailure(
                        Reason.SecretInvalid,
                        stage.place(step.label()),
                        "the RUN needs the secret \"" + mount.id() + "\", which nobody has given.",
                        "Give it with --secret id=" + mount.id() + ",src=FILE; in an ImageBuild with spec.secrets.");
            }
            return;
        }
        byte[] value;
        try {
            value = source.read();
        } catch (IOException e) {
            throw new RequestFailure(
                    Reason.SecretInvalid,
                    "secret \"" + mount.id() + "\"",
                    "it cannot be read: " + e.getMessage() + ".",
                    "Name a file that exists.",
                    e);
        }
        if (mount.target() != null) {
            opened.mounts.add(
                    new SandboxMount.MemoryFile(mount.target(), value, mount.mode(), mount.uid(), mount.gid()));
        }
        if (mount.env() != null) {
            opened.environment.add(mount.env() + "=" + new String(value, StandardCharsets.UTF_8));
        }
    }
}
