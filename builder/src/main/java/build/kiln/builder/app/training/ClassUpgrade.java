package build.kiln.builder.app.training;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Raises the version of old class files in a jar, and gives them the stack maps that the new version asks for. What
/// they do stays the same.
///
/// The virtual machine's class cache takes no class from before Java 6, and picocli's are of Java 5: loading and
/// verifying them was a quarter of the builder's start.
public final class ClassUpgrade {

    /// Java 6: the first whose classes are verified by stack maps.
    private static final int NEW_ENOUGH = ClassFile.JAVA_6_VERSION;

    private static final int RAISED_TO = ClassFile.JAVA_8_VERSION;

    private ClassUpgrade() {}

    /// Upgrades jars in their places. To be run before the training, by a program that has none of them on its class
    /// path.
    ///
    /// @param jars file names
    public static void main(String[] jars) throws IOException {
        for (String jar : jars) {
            upgrade(Path.of(jar));
        }
    }

    /// Leaves alone a jar without old classes.
    static void upgrade(Path jar) throws IOException {
        byte[] before = Files.readAllBytes(jar);
        ByteArrayOutputStream after = new ByteArrayOutputStream();
        boolean changed = false;
        ClassFile files = files(jar);
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(before));
                ZipOutputStream out = new ZipOutputStream(after)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                boolean isOld = entry.getName().endsWith(".class") && version(content) < NEW_ENOUGH;
                changed |= isOld;
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(isOld ? raised(files, content) : content);
                out.closeEntry();
            }
        }
        if (changed) {
            Path aside = jar.resolveSibling(jar.getFileName() + ".new");
            Files.write(aside, after.toByteArray());
            Files.move(aside, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static int version(byte[] content) {
        return (content[6] & 0xff) << 8 | content[7] & 0xff;
    }

    private static byte[] raised(ClassFile files, byte[] content) {
        ClassModel model = files.parse(content);
        ClassTransform version = (builder, element) -> {
            if (element instanceof ClassFileVersion) {
                builder.withVersion(RAISED_TO, 0);
            } else {
                builder.with(element);
            }
        };
        // A method's code is written anew, or it would get no stack maps.
        return files.transformClass(
                model, version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
    }

    /// Stack maps name common superclasses: of the jar's own classes and the JDK's.
    private static ClassFile files(Path jar) throws IOException {
        Map<String, byte[]> own = new HashMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().endsWith(".class")) {
                    own.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        ClassHierarchyResolver resolver = ClassHierarchyResolver.ofResourceParsing(type -> {
            String descriptor = type.descriptorString();
            byte[] content = own.get(descriptor.substring(1, descriptor.length() - 1) + ".class");
            return content == null ? null : stream(content);
        });
        return ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(resolver.orElse(ClassHierarchyResolver.defaultResolver())
                        .cached()));
    }

    private static InputStream stream(byte[] content) {
        return new ByteArrayInputStream(content);
    }
}
