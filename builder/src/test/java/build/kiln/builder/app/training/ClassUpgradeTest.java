package build.kiln.builder.app.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassUpgradeTest {

    @TempDir
    private Path folder;

    /// `static int larger(int a, int b) { return a > b ? a : b; }`: a branch, so that stack maps matter.
    private static byte[] oldClass() {
        return ClassFile.of(ClassFile.StackMapsOption.DROP_STACK_MAPS)
                .build(
                        ClassDesc.of("old.Old"),
                        type -> type.withVersion(ClassFile.JAVA_5_VERSION, 0)
                                .withMethodBody(
                                        "larger",
                                        MethodTypeDesc.of(
                                                ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int),
                                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                                        code -> code.iload(0)
                                                .iload(1)
                                                .ifThenElse(
                                                        java.lang.classfile.Opcode.IF_ICMPGT,
                                                        yes -> yes.iload(0).ireturn(),
                                                        no -> no.iload(1).ireturn())));
    }

    private Path jar(byte[] content) throws Exception {
        Path jar = folder.resolve("old.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            zip.write("Manifest-Version: 1.0\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            zip.putNextEntry(new ZipEntry("old/Old.class"));
            zip.write(content);
        }
        return jar;
    }

    @Test
    void anOldClassGetsANewVersionAndDoesWhatItDid() throws Exception {
        Path jar = jar(oldClass());
        ClassUpgrade.main(new String[] {jar.toString()});
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
            Class<?> type = loader.loadClass("old.Old");
            assertThat(type.getMethod("larger", int.class, int.class).invoke(null, 3, 7))
                    .isEqualTo(7);
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            byte[] content = zip.getInputStream(zip.getEntry("old/Old.class")).readAllBytes();
            assertThat(content[7]).isEqualTo((byte) ClassFile.JAVA_8_VERSION);
            assertThat(zip.getEntry("META-INF/MANIFEST.MF").getSize()).isEqualTo(22);
        }
    }

    @Test
    void aJarOfNewClassesStaysAsItIs() throws Exception {
        byte[] content = ClassFile.of().build(ClassDesc.of("old.Old"), type -> {});
        Path jar = jar(content);
        byte[] before = Files.readAllBytes(jar);
        ClassUpgrade.main(new String[] {jar.toString()});
        assertThat(Files.readAllBytes(jar)).isEqualTo(before);
    }
}
