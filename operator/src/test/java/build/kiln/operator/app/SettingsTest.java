package build.kiln.operator.app;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.operator.imagebuild.RebuildSettings;
import build.kiln.operator.pod.BuilderSettings.CacheLimits;
import build.kiln.operator.pod.CacheClaim;
import build.kiln.operator.pod.CacheClaim.AccessMode;
import build.kiln.operator.pod.PodDefaults;
import build.kiln.operator.pod.RungSettings;
import build.kiln.operator.queue.Limits;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

    @Test
    void onlyTheBuildersImageHasToBeGiven() {
        Settings settings = Settings.parse(Map.of("KILN_BUILDER_IMAGE", "builder:1", "PATH", "/bin"));
        assertThat(settings.builder().image()).isEqualTo("builder:1");
        assertThat(settings.builder().imagePullPolicy()).isEqualTo("IfNotPresent");
        assertThat(settings.builder().cacheClaim()).isEmpty();
        assertThat(settings.builder().cacheLimits()).isEqualTo(CacheLimits.CHOSEN_BY_BUILDER);
        assertThat(settings.builder().platform()).startsWith("linux/");
        assertThat(settings.builder().rungs()).isEqualTo(RungSettings.DEFAULT);
        assertThat(settings.limits()).isEqualTo(Limits.NONE);
        assertThat(settings.watchNamespaces()).isEmpty();
        assertThat(settings.rebuilding())
                .isEqualTo(new RebuildSettings(Duration.ofHours(1), RebuildSettings.Flux.IGNORED));
        assertThat(settings.http().getPort()).isEqualTo(8080);
        assertThat(settings.leaseNamespace()).isEmpty();
        assertThat(settings.replica()).isEmpty();
    }

    @Test
    void allSettingsAreRead() {
        Settings settings = Settings.parse(Map.ofEntries(
                entry("KILN_BUILDER_IMAGE", "builder:1"),
                entry("KILN_BUILDER_IMAGE_PULL_POLICY", "Never"),
                entry("KILN_BUILDER_CACHE_CLAIM", "kiln-cache"),
                entry("KILN_BUILDER_CACHE_SIZE", "200Gi"),
                entry("KILN_BUILDER_CACHE_CLASS", "fast"),
                entry("KILN_BUILDER_CACHE_ACCESS_MODE", "ReadWriteMany"),
                entry("KILN_BUILDER_CACHE_MAX_SIZE", "200Gi"),
                entry("KILN_BUILDER_CACHE_MIN_FREE", "5000000000"),
                entry("KILN_BUILDER_PLATFORM", "linux/arm64"),
                entry("KILN_MAX_BUILDS", "20"),
                entry("KILN_MAX_BUILDS_PER_NAMESPACE", "4"),
                entry("KILN_BASE_IMAGE_INTERVAL", "1h30m"),
                entry("KILN_FLUX_SOURCES", "watched"),
                entry("KILN_WATCH_NAMESPACES", "team-a, team-b"),
                entry("KILN_HTTP_ADDRESS", "127.0.0.1:0"),
                entry("KILN_HOOKS_ADDRESS", "127.0.0.1:8090"),
                entry("KILN_HOOKS_SECRETS", "/run/hooks"),
                entry("KILN_LEASE_NAMESPACE", "kiln"),
                entry("KILN_REPLICA", "kiln-operator-5d4f-x"),
                entry("KILN_BUILDER_PIDS_LIMIT", "20000"),
                entry("KILN_BUILDER_PLATFORM_WAIT", "1h30m"),
                entry("KILN_BUILDER_ID", "https://builders.example.com/team-a"),
                entry("KILN_BUILDER_ISOLATION_MINIMUM", "nested")));
        assertThat(settings.builder().rungs().minimum()).isEqualTo(Rung.NESTED);
        assertThat(settings.builder().rungs().pidsLimit()).isEqualTo(20_000);
        assertThat(settings.builder().cacheClaim())
                .contains(new CacheClaim("kiln-cache", "200Gi", Optional.of("fast"), AccessMode.READ_WRITE_MANY));
        assertThat(settings.builder().cacheLimits())
                .isEqualTo(new CacheLimits(OptionalLong.of(200L << 30), OptionalLong.of(5_000_000_000L)));
        assertThat(settings.builder().platform()).isEqualTo("linux/arm64");
        assertThat(settings.builder().builderId()).isEqualTo("https://builders.example.com/team-a");
        assertThat(settings.builder().platformWait()).isEqualTo(Duration.ofMinutes(90));
        assertThat(settings.limits()).isEqualTo(new Limits(20, 4));
        assertThat(settings.watchNamespaces()).containsExactlyInAnyOrder("team-a", "team-b");
        assertThat(settings.http().getAddress().isLoopbackAddress()).isTrue();
        assertThat(settings.hooks())
                .contains(new Settings.Hooking(new InetSocketAddress("127.0.0.1", 8090), Path.of("/run/hooks")));
        assertThat(settings.leaseNamespace()).contains("kiln");
        assertThat(settings.replica()).contains("kiln-operator-5d4f-x");
    }

    @Test
    void theLargestSizeThatCanBeWrittenIsANumberOfBytes() {
        for (String size : List.of("999999Ti", "999999999999999999")) {
            assertThat(Settings.parse(Map.of("KILN_BUILDER_IMAGE", "builder:1", "KILN_BUILDER_CACHE_MAX_SIZE", size))
                            .builder()
                            .cacheLimits()
                            .maxBytes()
                            .orElseThrow())
                    .isGreaterThan(1L << 59);
        }
    }

    @Test
    void whatBuildersAreGivenIsReadFromTheSettingsAndFromFiles(@TempDir Path folder) throws IOException {
        Path conf = Files.writeString(folder.resolve("registries.conf"), "[[registry]]\nlocation = \"a\"\n");
        PodDefaults defaults = Settings.parse(Map.of(
                        "KILN_BUILDER_IMAGE", "builder:1",
                        "KILN_BUILDER_RESOURCES", "{\"limits\":{\"memory\":\"4Gi\"}}",
                        "KILN_BUILDER_HTTPS_PROXY", "http://proxy:3128",
                        "KILN_BUILDER_NO_PROXY", ".svc,10.0.0.1",
                        "KILN_BUILDER_REGISTRIES_CONF", conf.toString()))
                .builder()
                .defaults();
        assertThat(defaults.resources().getLimits()).containsEntry("memory", new Quantity("4Gi"));
        assertThat(defaults.environment())
                .isEqualTo(Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", ".svc,10.0.0.1"));
        assertThat(defaults.registriesConf()).contains("[[registry]]\nlocation = \"a\"\n");
        assertThat(defaults.caBundle()).isEmpty();
    }

    @Test
    void filesThatCannotServeAreRefusedAtTheStart(@TempDir Path folder) throws IOException {
        Path large = Files.writeString(folder.resolve("large.conf"), "#".repeat(40_000));
        Path text = Files.writeString(folder.resolve("ca.crt"), "no certificate");
        assertThatThrownBy(() -> Settings.parse(Map.of(
                        "KILN_BUILDER_IMAGE",
                        "builder:1",
                        "KILN_BUILDER_RESOURCES",
                        "{\"limit\":{}}",
                        "KILN_BUILDER_REGISTRIES_CONF",
                        large.toString(),
                        "KILN_BUILDER_CA_BUNDLE",
                        text.toString())))
                .hasMessageContaining(
                        "KILN_BUILDER_RESOURCES has the unknown field limit; expected is the JSON of a container's"
                                + " resources, for example {\"limits\":{\"memory\":\"4Gi\"}}.")
                .hasMessageContaining("KILN_BUILDER_REGISTRIES_CONF names \"" + large
                        + "\", which has 40000 bytes; at most 32768 fit into a builder pod.")
                .hasMessageContaining("KILN_BUILDER_CA_BUNDLE names a file with");
        assertThatThrownBy(() -> Settings.parse(Map.of(
                        "KILN_BUILDER_IMAGE",
                        "builder:1",
                        "KILN_BUILDER_CA_BUNDLE",
                        folder.resolve("gone").toString())))
                .hasMessageContaining("which cannot be read: java.nio.file.NoSuchFileException");
    }

    @Test
    void aCredentialThatCannotBeReadIsNotRepeated() {
        assertThatThrownBy(() -> Settings.parse(Map.of(
                        "KILN_BUILDER_IMAGE", "b:1", "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%zzsecret")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The operator's settings are wrong; see docs/operator.md.\n"
                        + "OTEL_EXPORTER_OTLP_HEADERS has a \"%\" without two hexadecimal digits after it; expected are"
                        + " values in the form of URLs, with %25 for \"%\".");
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        assertThatThrownBy(() -> Settings.parse(Map.ofEntries(
                        entry("KILN_BUILDER_IMAGES", "builder:1"),
                        entry("KILN_BUILDER_IMAGE_PULL_POLICY", "always"),
                        entry("KILN_BUILDER_CACHE_CLAIM", "A_B"),
                        entry("KILN_BUILDER_CACHE_SIZE", "big"),
                        entry("KILN_BUILDER_CACHE_ACCESS_MODE", "RWX"),
                        entry("KILN_BUILDER_CACHE_MAX_SIZE", "0"),
                        entry("KILN_BUILDER_CACHE_MIN_FREE", "1.5 GB"),
                        entry("KILN_BUILDER_PLATFORM", "amd64"),
                        entry("KILN_BUILDER_ISOLATION_MINIMUM", "root"),
                        entry("KILN_BUILDER_SECCOMP_PROFILE", "/etc/profile"),
                        entry("KILN_BUILDER_PIDS_LIMIT", "511"),
                        entry("KILN_BUILDER_PLATFORM_WAIT", "ten"),
                        entry("KILN_BUILDER_ID", "team-a"),
                        entry("KILN_MAX_BUILDS", "-1"),
                        entry("KILN_WATCH_NAMESPACES", "a,B"),
                        entry("KILN_HTTP_ADDRESS", "8080"))))
                .hasMessage("""
                    The operator's settings are wrong; see docs/operator.md.
                    KILN_BUILDER_IMAGES is not a setting. The settings are %s.
                    KILN_BUILDER_IMAGE is missing. The image of the builder, of the operator's own release.
                    KILN_BUILDER_IMAGE_PULL_POLICY is "always"; expected is one of Always, IfNotPresent, Never.
                    KILN_BUILDER_CACHE_CLAIM is "A_B"; expected is the name of a PersistentVolumeClaim.
                    KILN_BUILDER_CACHE_SIZE is "big"; expected is a whole number of bytes above 0, or one with a unit: k, M, G, T, Ki, Mi, Gi or Ti, for example 200Gi.
                    KILN_BUILDER_CACHE_ACCESS_MODE is "RWX"; expected is one of ReadWriteOnce, ReadWriteMany.
                    KILN_BUILDER_CACHE_MAX_SIZE is "0"; expected is a whole number of bytes above 0, or one with a unit: k, M, G, T, Ki, Mi, Gi or Ti, for example 200Gi.
                    KILN_BUILDER_CACHE_MIN_FREE is "1.5 GB"; expected is a whole number of bytes above 0, or one with a unit: k, M, G, T, Ki, Mi, Gi or Ti, for example 200Gi.
                    KILN_BUILDER_PLATFORM is "amd64"; expected is os/architecture, for example linux/amd64.
                    KILN_BUILDER_ISOLATION_MINIMUM is "root"; expected is one of userns, nested, chroot, assemble.
                    KILN_BUILDER_SECCOMP_PROFILE is "/etc/profile"; expected is the name of a seccomp profile, for example profiles/kiln.json.
                    KILN_BUILDER_PIDS_LIMIT is "511"; expected is a number from 512 to 9999999.
                    KILN_BUILDER_PLATFORM_WAIT is "ten"; expected is a duration, for example 10m or 1h30m.
                    KILN_BUILDER_ID is "team-a"; expected is a URI, for example https://builders.example.com/team-a.
                    KILN_MAX_BUILDS is "-1"; expected is a number from 0 to 999999.
                    KILN_WATCH_NAMESPACES has "B" in it; expected are names of namespaces, with commas between them.
                    KILN_HTTP_ADDRESS is "8080"; expected is address:port, for example 0.0.0.0:8080.\
                    """.formatted(Settings.ALL.stream()
                        .map(Settings.Setting::name)
                        .sorted()
                        .collect(Collectors.joining(", "))));
    }
}
