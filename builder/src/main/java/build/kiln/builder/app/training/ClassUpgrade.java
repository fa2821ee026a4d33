package build.kiln.builder.app.training;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Turns classes into such as the virtual machine's class cache can keep whole. What they do stays the same.
///
/// The cache takes no class from before Java 6, and picocli's are of Java 5: loading and verifying them was a quarter
/// of
/// the builder's start. They get a newer version, and the stack maps that it asks for. And [SpunCode] is written out.
public final class ClassUpgrade {

    /// Java 6: the first whose classes are verified by stack maps.
    private static final int NEW_ENOUGH = ClassFile.JAVA_6_VERSION;

    private static final int RAISED_TO = ClassFile.JAVA_8_VERSION;

    /// Where the bootstrap methods of [SpunCode] lie.
    private static final String SPUN_BY = "java/lang/runtime/";

    private ClassUpgrade() {}

    /// Upgrades jars in their places, before the training. It may be in one of them itself.
    ///
    /// @param jars file names of a whole class path
    public static void main(String[] jars) throws IOException {
        URL[] urls = new URL[jars.length];
        for (int i = 0; i < jars.length; i++) {
            urls[i] = Path.of(jars[i]).toUri().toURL();
        }
        try (URLClassLoader classPath = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            ClassFile files = files(classPath);
            for (String jar : jars) {
                upgrade(Path.of(jar), files);
            }
        }
    }

    /// Leaves alone a jar without such classes.
    private static void upgrade(Path jar, ClassFile files) throws IOException {
        byte[] before = Files.readAllBytes(jar);
        ByteArrayOutputStream after = new ByteArrayOutputStream();
        boolean changed = false;
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(before));
                ZipOutputStream out = new ZipOutputStream(after)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                byte[] upgraded = entry.getName().endsWith(".class") ? upgraded(files, content) : content;
                changed |= upgraded != content;
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(upgraded);
                out.closeEntry();
            }
        }
        if (changed) {
            Path aside = jar.resolveSibling(jar.getFileName() + ".new");
            Files.write(aside, after.toByteArray());
            Files.move(aside, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// The same array if the class is good as it is.
    private static byte[] upgraded(ClassFile files, byte[] content) {
        if (version(content) < NEW_ENOUGH) {
            return raised(files, content);
        }
        if (!new String(content, StandardCharsets.ISO_8859_1).contains(SPUN_BY)) {
            return content;
        }
        ClassModel model = files.parse(content);
        return SpunCode.isIn(model) ? SpunCode.writtenOut(files, model) : content;
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

    /// Stack maps name common superclasses, of classes on the class path.
    private static ClassFile files(ClassLoader classPath) {
        return ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classPath)
                        .orElse(ClassHierarchyResolver.defaultResolver())
                        .cached()));
    }
}
