package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.execute.BuildJob;
import build.kiln.builder.execute.CacheTarget;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.oci.ImageReference;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `--cache-from` and `--cache-to`, word for word.
class CacheFlagsTest {

    private static CacheExchange parse(List<String> from, List<String> to) {
        return CacheFlags.parse(from, to, Compression.GZIP);
    }

    @Test
    void aBareReferenceIsARegistrysCache() {
        assertThat(parse(List.of("example.com/a:1", "type=registry,ref=example.com/b:1"), List.of())
                        .imports())
                .containsExactly(ImageReference.parse("example.com/a:1"), ImageReference.parse("example.com/b:1"));
    }

    @Test
    void whatIsNotSaidHasTheDefaultsOfBuildx() {
        CacheExchange read = parse(List.of(), List.of("type=registry,ref=example.com/a:1"));

        assertThat(read.inline()).isEqualTo(BuildJob.InlineCacheUse.LEFT_OUT);
        assertThat(read.exports())
                .containsExactly(new CacheExchange.Export(
                        ImageReference.parse("example.com/a:1"),
                        CacheTarget.Mode.MIN,
                        Compression.GZIP,
                        CacheTarget.OnFailure.FAIL));
    }

    @Test
    void everyKeyIsRead() {
        CacheExchange read = parse(
                List.of(),
                List.of(
                        "type=inline",
                        "type=registry,ref=example.com/a:1,mode=max,compression=zstd,ignore-error=true,"
                                + "image-manifest=true,oci-mediatypes=true"));

        assertThat(read.inline()).isEqualTo(BuildJob.InlineCacheUse.WRITTEN);
        assertThat(read.exports())
                .containsExactly(new CacheExchange.Export(
                        ImageReference.parse("example.com/a:1"),
                        CacheTarget.Mode.MAX,
                        Compression.ZSTD,
                        CacheTarget.OnFailure.WARN));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    type=registry,ref=a,mode=most          | the mode "most" is neither min nor max.
                    type=registry,ref=a,compression=estargz| the compression "estargz" is none of gzip, zstd and uncompressed.
                    type=registry,ref=a,ignore-error=no    | ignore-error=no is neither true nor false.
                    type=registry,ref=a,image-manifest=false| image-manifest=false is not supported: Kiln's cache is always an OCI image manifest.
                    type=registry,ref=a,force-compression=true| it has no key "force-compression" here. The keys are type, ref, mode,
                    type=registry,mode=max                 | it has no "ref".
                    type=inline,mode=max                   | it has no key "mode" here. The keys are type.
                    type=memory                            | the type "memory" is neither registry nor inline.
                    type=gha,scope=main                    | Kiln has no cache of the type "gha". Use type=registry, or share the folder of --cache-dir.
                    type=local,dest=/tmp/x                 | Kiln has no cache of the type "local".
                    """)
    void whatKilnDoesNotHaveIsRefusedByName(String text, String why) {
        assertThatThrownBy(() -> parse(List.of(), List.of(text)))
                .hasMessageStartingWith("--cache-to " + text + ": ")
                .hasMessageContaining(why);
    }

    @Test
    void anImagesOwnCacheIsReadByItsName() {
        assertThatThrownBy(() -> parse(List.of("type=inline,ref=a"), List.of()))
                .hasMessageContaining("the cache within an image is read with type=registry,ref=IMAGE.");
    }
}
