package build.kiln.bench.workload;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/// One thing to build.
public enum Workload {
    W1(
            "copy a 60 MB jar and 200 files onto a 250 MB base",
            Set.of(Base.RUNTIME),
            Recipes::copyApp,
            Dockerfiles::copyApp),
    W2(
            "copy 30,000 small files, and one RUN over them",
            Set.of(Base.SMALL),
            at -> Recipes.manyFiles(at, 30_000),
            Dockerfiles::manyFiles),
    W2S(
            "the same with a tenth of the files",
            Set.of(Base.SMALL),
            at -> Recipes.manyFiles(at, 3_000),
            Dockerfiles::manyFiles),
    W3(
            "compile 60 C files in a stage of its own",
            Set.of(Base.SMALL, Base.COMPILER),
            Recipes::compile,
            Dockerfiles::compile),
    W4(
            "install 15,000 files by a RUN, delete some by another",
            Set.of(Base.PACKAGES),
            Recipes::packages,
            Dockerfiles::packages),
    W5("three stages side by side", Set.of(Base.SMALL), Recipes::stages, Dockerfiles::stages),
    W6("one layer of 800 MB", Set.of(Base.SMALL), at -> Recipes.large(at, 800L << 20), Dockerfiles::large),
    W6S(
            "the same with a tenth of the bytes",
            Set.of(Base.SMALL),
            at -> Recipes.large(at, 80L << 20),
            Dockerfiles::large),
    W7("six builds at once that share three slow steps", Set.of(Base.SMALL), Recipes::shared, Dockerfiles::shared) {
        @Override
        public int builds() {
            return 6;
        }

        @Override
        public Set<String> variesIn() {
            return Set.of("id-1", "id-2", "id-3");
        }
    };

    private final String description;
    private final Set<Base> bases;
    private final Context.Writing files;
    private final Function<Dockerfiles, String> dockerfile;

    Workload(String description, Set<Base> bases, Context.Writing files, Function<Dockerfiles, String> dockerfile) {
        this.description = description;
        this.bases = bases;
        this.files = files;
        this.dockerfile = dockerfile;
    }

    public String description() {
        return description;
    }

    public Set<Base> bases() {
        return bases;
    }

    /// How many builds run at once, each of a context of its own.
    public int builds() {
        return 1;
    }

    /// Files whose content is another one each time they are made.
    public Set<String> variesIn() {
        return Set.of();
    }

    /// Writes one context for each of its builds.
    ///
    /// @param registry host and port that the base images lie in
    public List<Context> contexts(Path folder, String registry) throws IOException {
        List<Context> all = new ArrayList<>();
        for (int i = 0; i < builds(); i++) {
            Path context = folder.resolve(name().toLowerCase(Locale.ROOT)).resolve(Integer.toString(i));
            all.add(Context.prepare(context, files, dockerfile.apply(new Dockerfiles(registry))));
        }
        return List.copyOf(all);
    }
}
