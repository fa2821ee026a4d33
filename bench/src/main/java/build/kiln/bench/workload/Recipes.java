package build.kiln.bench.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files of the workloads. Each method writes them, and tells which one a developer edits.
final class Recipes {

    private static final int C_FILES = 60;
    private static final int C_FUNCTIONS = 12;
    private static final String[] STAGES = {"api", "web", "docs"};

    private Recipes() {}

    static Path copyApp(Path at) throws IOException {
        Files.write(at.resolve("app.jar"), Data.packed(1, 60 << 20));
        Data.writeFiles(at.resolve("files"), 2, 200, 1000, 20_000);
        return at.resolve("files/d1/f150");
    }

    static Path manyFiles(Path at, int count) throws IOException {
        Data.writeFiles(at.resolve("src"), 3, count, 200, 3000);
        return at.resolve("src/d17/f1717");
    }

    static Path compile(Path at) throws IOException {
        Path source = Files.createDirectories(at.resolve("src"));
        StringBuilder main = new StringBuilder("#include <stdio.h>\n");
        StringBuilder calls = new StringBuilder();
        for (int file = 0; file < C_FILES; file++) {
            StringBuilder text = new StringBuilder("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n");
            for (int i = 0; i < C_FUNCTIONS; i++) {
                text.append("""
                        int part_%1$d_%2$d(int x) {
                            char text[64];
                            snprintf(text, sizeof text, "%%d of %1$d and %2$d", x);
                            for (int i = 0; i < x %% 7; i++) x += (int) strlen(text) * i;
                            return x > 1000 ? abs(x) / 3 : x + %2$d;
                        }
                        """.formatted(file, i));
                main.append("int part_%d_%d(int);\n".formatted(file, i));
                calls.append("x = part_%d_%d(x);\n".formatted(file, i));
            }
            Files.writeString(source.resolve("part" + file + ".c"), text);
        }
        main.append("int main(void) { int x = 1;\n").append(calls).append("printf(\"%d\\n\", x); return 0; }\n");
        Files.writeString(source.resolve("main.c"), main);
        return source.resolve("part30.c");
    }

    static Path packages(Path at) throws IOException {
        Files.writeString(at.resolve("app.conf"), "workers = 4\n");
        return at.resolve("app.conf");
    }

    static Path stages(Path at) throws IOException {
        for (String stage : STAGES) {
            Data.writeFiles(at.resolve(stage), stage.hashCode(), 300, 1000, 8000);
        }
        return at.resolve("web/d1/f142");
    }

    static Path large(Path at, long bytes) throws IOException {
        Data.writeMixed(at.resolve("model.bin"), 6, bytes);
        Files.writeString(at.resolve("app.conf"), "threads = 2\n");
        return at.resolve("app.conf");
    }

    /// Each of another length: BuildKit takes files of six contexts for the same that differ in their bytes alone.
    static Path shared(Path at) throws IOException {
        String number = at.getFileName().toString();
        Files.writeString(
                at.resolve("app.conf"), "build = " + number + "\n" + "# one of six\n".repeat(Integer.parseInt(number)));
        return at.resolve("app.conf");
    }
}
