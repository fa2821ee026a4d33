package build.kiln.builder.app.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpunCodeTest {

    @TempDir
    private Path folder;

    sealed interface Shape {
        /// In an interface: its methods are called in another way.
        static String name(Shape shape) {
            return switch (shape) {
                case Circle(int radius) when radius > 100 -> "large circle";
                case Circle circle -> "circle of " + circle.radius();
                case Mixed mixed -> "mixed";
                case Empty() -> "empty";
            };
        }
    }

    record Circle(int radius) implements Shape {}

    record Empty() implements Shape {}

    record Mixed(
            boolean a,
            byte b,
            char c,
            short d,
            int e,
            long f,
            float g,
            double h,
            @Nullable String i,
            List<Circle> j) implements Shape {

        static Mixed of(double h, @Nullable String i) {
            return new Mixed(true, (byte) -3, 'c', (short) 400, 5, 1L << 40, 1.5f, h, i, List.of(new Circle(2)));
        }
    }

    /// What is to be the same with and without spun code; loaded from either.
    public static final class Answers implements Function<String, List<String>> {

        @Override
        public List<String> apply(String word) {
            Mixed mixed = Mixed.of(0.0, word);
            return List.of(
                    Shape.name(new Circle(101)),
                    Shape.name(new Circle(7)),
                    Shape.name(mixed),
                    Shape.name(new Empty()),
                    "" + mixed.hashCode(),
                    "" + Mixed.of(Double.NaN, null).hashCode(),
                    "" + new Empty().hashCode(),
                    "" + areEqual(mixed, mixed),
                    "" + mixed.equals(Mixed.of(0.0, word)),
                    "" + mixed.equals(Mixed.of(-0.0, word)),
                    "" + mixed.equals(Mixed.of(0.0, null)),
                    "" + Mixed.of(Double.NaN, null).equals(Mixed.of(Double.NaN, null)),
                    "" + areEqual(new Circle(1), new Circle(2)),
                    "" + areEqual(new Circle(1), null),
                    "" + areEqual(new Empty(), new Empty()),
                    "" + kind(1) + kind("x") + kind(null) + kind(2.0),
                    mixed.toString());
        }

        private static boolean areEqual(Object one, @Nullable Object other) {
            return one.equals(other);
        }

        private static String kind(@Nullable Object any) {
            return switch (any) {
                case null -> "null";
                case Integer number -> "number " + number;
                case String text when text.isEmpty() -> "nothing";
                case CharSequence text -> "text";
                default -> "other";
            };
        }
    }

    private Path jar() throws IOException {
        Path jar = folder.resolve("shapes.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Class<?> type :
                    List.of(Shape.class, Circle.class, Empty.class, Mixed.class, Answers.class, SpunCodeTest.class)) {
                zip.putNextEntry(new ZipEntry(type.getName().replace('.', '/') + ".class"));
                zip.write(bytes(type.getClassLoader(), type));
            }
        }
        return jar;
    }

    private static byte[] bytes(ClassLoader loader, Class<?> type) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(loader.getResourceAsStream(type.getName().replace('.', '/') + ".class"))) {
            return in.readAllBytes();
        }
    }

    private static TreeSet<String> bootstraps(byte[] content) {
        TreeSet<String> all = new TreeSet<>();
        ClassFile.of()
                .parse(content)
                .methods()
                .forEach(method -> method.code()
                        .ifPresent(code -> code.forEach(element -> {
                            if (element instanceof InvokeDynamicInstruction call) {
                                all.add(call.bootstrapMethod().owner().displayName() + " "
                                        + call.name().stringValue());
                            }
                        })));
        return all;
    }

    @Test
    void whatIsWrittenOutAnswersAsWhatWasSpun() throws Exception {
        Path jar = jar();
        ClassUpgrade.main(new String[] {jar.toString()});
        URL[] urls = {jar.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Class<?> upgraded = loader.loadClass(Answers.class.getName());
            Object answers = upgraded.getConstructor().newInstance();
            assertThat(upgraded.getMethod("apply", String.class).invoke(answers, "word"))
                    .isEqualTo(new Answers().apply("word"));
            assertThat(bootstraps(bytes(loader, Mixed.class))).containsExactly("ObjectMethods toString");
            assertThat(bootstraps(bytes(loader, Shape.class)))
                    .containsExactly("StringConcatFactory makeConcatWithConstants");
            assertThat(bootstraps(bytes(loader, Answers.class)))
                    .containsExactly("StringConcatFactory makeConcatWithConstants");
        }
        assertThat(bootstraps(bytes(SpunCodeTest.class.getClassLoader(), Shape.class)))
                .contains("SwitchBootstraps typeSwitch");
    }
}
