package build.kiln.builder.registry;

import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that the client of registries can be told.
///
/// @param authFiles Docker's `config.json`, the first that knows a registry wins; a file that is missing is skipped
/// @param registriesConf in the form of containers-registries.conf(5); null for none
/// @param certsDirs folders with one folder `host[:port]` a registry, which holds `*.crt`, and `*.cert` with `*.key`
/// @param caFiles PEM files with further authorities for every registry
/// @param proxies which proxy leads to which host; [HttpClient.Builder#NO_PROXY] for none
/// @param pullCredentials where the user sets the credentials for pulls, for the advice in failures
/// @param pushCredentials the same for pushes, for example `spec.output.pushSecret`
public record RegistrySettings(
        List<Path> authFiles,
        @Nullable Path registriesConf,
        List<Path> certsDirs,
        List<Path> caFiles,
        ProxySelector proxies,
        String pullCredentials,
        String pushCredentials,
        CredentialStore store,
        RetryPolicy retry,
        Timeouts timeouts,
        TransferListener listener,
        Clock clock) {

    public RegistrySettings {
        authFiles = List.copyOf(authFiles);
        certsDirs = List.copyOf(certsDirs);
        caFiles = List.copyOf(caFiles);
    }

    /// No credentials, no mirrors, the JDK's own authorities.
    public static RegistrySettings defaults(Clock clock) {
        return new RegistrySettings(
                List.of(),
                null,
                List.of(),
                List.of(),
                HttpClient.Builder.NO_PROXY,
                "config.json",
                "config.json",
                new HelperProgram(),
                RetryPolicy.DEFAULT,
                Timeouts.DEFAULT,
                TransferListener.NONE,
                clock);
    }

    public RegistrySettings withAuthFiles(List<Path> files) {
        return new RegistrySettings(
                files,
                registriesConf,
                certsDirs,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withRegistriesConf(@Nullable Path file) {
        return new RegistrySettings(
                authFiles,
                file,
                certsDirs,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withCertsDirs(List<Path> folders) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                folders,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withCaFiles(List<Path> files) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                files,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withProxies(ProxySelector selector) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                caFiles,
                selector,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withCredentialNames(String forPull, String forPush) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                caFiles,
                proxies,
                forPull,
                forPush,
                store,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withCredentialStore(CredentialStore other) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                other,
                retry,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withRetry(RetryPolicy policy) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                policy,
                timeouts,
                listener,
                clock);
    }

    public RegistrySettings withTimeouts(Timeouts limits) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                limits,
                listener,
                clock);
    }

    public RegistrySettings withListener(TransferListener other) {
        return new RegistrySettings(
                authFiles,
                registriesConf,
                certsDirs,
                caFiles,
                proxies,
                pullCredentials,
                pushCredentials,
                store,
                retry,
                timeouts,
                other,
                clock);
    }

    String credentialsFor(Access access) {
        return switch (access) {
            case PULL -> pullCredentials;
            case PUSH -> pushCredentials;
        };
    }
}
