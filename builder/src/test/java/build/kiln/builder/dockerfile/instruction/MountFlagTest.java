package build.kiln.builder.dockerfile.instruction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.instruction.Mount.Sharing;
import build.kiln.builder.dockerfile.instruction.Mount.Type;
import build.kiln.builder.failure.DockerfileFailure;
import org.junit.jupiter.api.Test;

class MountFlagTest {

    private static MountFlag flag(String value) {
        Dockerfile dockerfile =
                Dockerfile.parse("Dockerfile", ("FROM a\nRUN --mount=" + value + " true\n").getBytes(UTF_8));
        Instruction.Run run =
                (Instruction.Run) dockerfile.stages().getFirst().instructions().getFirst();
        return run.options().mounts().getFirst();
    }

    private static Mount resolve(String value) {
        return flag(value).resolve(word -> word.replace("$V", "expanded"));
    }

    @Test
    void aCacheIsWritableAndSharedUnlessSaidOtherwise() {
        Mount mount = resolve("type=cache,target=/c,id=$V,mode=0750,uid=1000,gid=1001");
        assertThat(mount)
                .isEqualTo(new Mount(
                        Type.CACHE,
                        "",
                        "",
                        "/c",
                        false,
                        0,
                        "expanded",
                        Sharing.SHARED,
                        false,
                        null,
                        0750,
                        1000L,
                        1001L));
        assertThat(resolve("type=cache,target=/c,sharing=LOCKED,ro").readOnly()).isTrue();
        assertThat(resolve("type=cache,target=/c,sharing=LOCKED").sharing()).isEqualTo(Sharing.LOCKED);
    }

    @Test
    void bindIsTheDefaultAndReadOnly() {
        Mount mount = resolve("from=build,src=/out,dst=/in");
        assertThat(mount.type()).isEqualTo(Type.BIND);
        assertThat(mount.readOnly()).isTrue();
        assertThat(mount.from()).isEqualTo("build");
        assertThat(resolve("target=/in,rw").readOnly()).isFalse();
        assertThat(resolve("target=/in,readwrite=false").readOnly()).isTrue();
    }

    @Test
    void secretsAndAgentsCanBeRequired() {
        assertThat(resolve("type=secret,id=npm,required").required()).isTrue();
        assertThat(resolve("type=ssh,required=1").required()).isTrue();
        assertThat(resolve("type=secret,id=npm,env=TOKEN").env()).isEqualTo("TOKEN");
    }

    @Test
    void sizesHaveUnits() {
        assertThat(resolve("type=tmpfs,target=/t,size=1.5k").sizeBytes()).isEqualTo(1536);
        assertThat(resolve("type=tmpfs,target=/t,size=64MiB").sizeBytes()).isEqualTo(64L << 20);
        assertThat(resolve("type=tmpfs,target=/t,size=100").sizeBytes()).isEqualTo(100);
    }

    @Test
    void quotedFieldsMayHoldCommas() {
        // The Dockerfile's own quotes come off first.
        assertThat(flag("'type=bind,\"target=/a,b\",\"source=\"\"x\"\"\"'").fields())
                .containsExactly("type=bind", "target=/a,b", "source=\"x\"");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        refused(
                "type=tempfs,target=/t",
                "--mount has the type \"tempfs\", which does not exist. Did you mean \"tmpfs\"?");
        refused(
                "type=volume,target=/t",
                "--mount has the type \"volume\", which does not exist. The types are bind, cache, tmpfs, secret and"
                        + " ssh.");
        refused(
                "tagret=/t",
                "--mount has the key \"tagret\" (in \"tagret=/t\"), which does not exist."
                        + " Did you mean \"target\"?");
        refused(
                "target",
                "--mount has the field \"target\", which has no value. Write it as key=value."
                        + " Only readonly, readwrite and required can stand alone.");
        refused(
                "type=cache,target=/c,required",
                "--mount has required, which a mount of type cache does not have."
                        + " Only secrets and SSH agents have it. If that is what you meant, put the type before the key.");
        refused(
                "target=/c,size=1m",
                "--mount has size, which a mount of type bind does not have."
                        + " Only tmpfs have it. If that is what you meant, put the type before the key.");
        refused(
                "type=tmpfs,target=/c,size=big",
                "--mount has size=big, which is not a size such as 64m or 1.5GiB." + " Correct the value.");
        refused(
                "target=/c,mode=0755",
                "--mount has mode, which a mount of type bind does not have."
                        + " Only caches, secrets and SSH agents have it."
                        + " If that is what you meant, put the type before the key.");
        refused(
                "type=cache,target=/c,mode=rwx",
                "--mount has mode=rwx, which is not permission bits in octal,"
                        + " for example 0400. Correct the value.");
        refused("type=cache,target=/c,uid=me", "--mount has uid=me, which is not a number. Correct the value.");
        refused(
                "type=cache,target=/c,sharing=all",
                "--mount has sharing=all, which is not shared, private or locked." + " Correct the value.");
        refused("type=cache,target=/c,ro=2", "--mount has ro=2, which is not true or false. Correct the value.");
        refused(
                "target=/c,sharing=shared",
                "--mount has sharing, which a mount of type bind does not have."
                        + " Only caches have it. If that is what you meant, put the type before the key.");
        refused(
                "type=secret",
                "--mount=type=secret does not say which secret." + " Add id=NAME, or target=PATH for a file.");
        refused(
                "type=secret,id=a,source=b",
                "--mount=type=secret has both id=a and source=b, which mean the same." + " Remove one of them.");
        refused(
                "type=secret,id=a,from=b",
                "--mount has from, which a mount of type secret does not have."
                        + " Only bind mounts and caches have it."
                        + " If that is what you meant, put the type before the key.");
    }

    private static void refused(String value, String message) {
        assertThatThrownBy(() -> resolve(value))
                .isInstanceOf(DockerfileFailure.class)
                .hasMessage("Dockerfile:2: " + message);
    }
}
