package build.kiln.builder.source.git;

import build.kiln.builder.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.errors.InvalidObjectIdException;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.jspecify.annotations.Nullable;

/// One repository over there, and a bare one here that takes what is fetched from it.
final class GitRemote implements AutoCloseable {

    private static final int SILENCE_SECONDS = 60;

    private final GitAddress address;
    private final GitSecret secret;
    private final GitSource.Places places;
    private final Repository repository;
    private final @Nullable GuardedHttp http;
    private final @Nullable HostKeys hostKeys;
    private final @Nullable SshdSessionFactory ssh;

    /// @param work an empty folder
    GitRemote(GitAddress address, GitSecret secret, GitSource.Places places, Path work) throws IOException {
        this.address = address;
        this.secret = secret;
        this.places = places;
        this.http = address.scheme().isHttp() ? http() : null;
        if (secret instanceof GitSecret.Ssh keys) {
            int port = address.uri().getPort() > 0 ? address.uri().getPort() : 22;
            hostKeys = HostKeys.of(keys.knownHosts(), address.uri().getHost(), port);
            ssh = SshSessions.open(keys.agent(), hostKeys, work);
        } else {
            hostKeys = null;
            ssh = null;
        }
        repository = new FileRepositoryBuilder()
                .setBare()
                .setGitDir(work.resolve("git").toFile())
                .build();
        repository.create(true);
        repository.getConfig().setInt("gc", null, "auto", 0); // it is gone in a minute
        repository.getConfig().setBoolean("gc", null, "autoDetach", false);
    }

    private GuardedHttp http() throws IOException {
        byte[] authority = secret instanceof GitSecret.Basic basic ? basic.authority() : null;
        try {
            return new GuardedHttp(address.origin(), authority);
        } catch (GeneralSecurityException e) {
            throw GitSecret.invalid(
                    places.credentials(),
                    "its key \"ca.crt\" does not hold certificates in PEM form.",
                    "Put the certificate there that the server's is signed with, or remove the key.");
        }
    }

    GitAddress address() {
        return address;
    }

    GitSecret secret() {
        return secret;
    }

    Repository repository() {
        return repository;
    }

    /// What the remote calls by which name.
    ///
    /// @param names full names that matter; none for all. A server may tell more
    Map<String, Ref> list(String... names) {
        try (Transport transport = open();
                FetchConnection connection = transport.openFetch(List.of(), names)) {
            return Map.copyOf(connection.getRefsMap());
        } catch (InvalidObjectIdException e) {
            throw Sha256Repository.certain(address, e);
        } catch (IOException e) {
            BuildFailure failure = failure(e);
            throw GitFailures.isCutShort(e) ? Sha256Repository.suspected(address, failure) : failure;
        }
    }

    /// True if the server may be asked for an object by its id alone. (In-process, jgit gives no clear answer.)
    boolean givesObjectsById() {
        return address.scheme() != GitAddress.Scheme.FILE;
    }

    /// Fetches what these specs name, without its history.
    ///
    /// @return false if the server does not give this away by its id
    boolean fetchShallow(RefSpec... specs) {
        try (Transport transport = open()) {
            transport.setDepth(1);
            transport.fetch(new UntilInterrupted(), List.of(specs));
            return true;
        } catch (IOException e) {
            if (GitFailures.isUnknownObject(e)
                    || (address.scheme() == GitAddress.Scheme.FILE && GitFailures.isBrokenPipe(e))) {
                return false;
            }
            throw failure(e);
        }
    }

    /// Fetches all branches and tags with their history.
    void fetchAll() {
        try (Transport transport = open()) {
            transport.fetch(
                    new UntilInterrupted(),
                    List.of(new RefSpec("+refs/heads/*:refs/heads/*"), new RefSpec("+refs/tags/*:refs/tags/*")));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private Transport open() throws NotSupportedException, TransportException {
        Transport transport = Transport.open(repository, address.uri());
        transport.setTimeout(SILENCE_SECONDS);
        transport.setTagOpt(TagOpt.NO_TAGS);
        transport.setCredentialsProvider(new BasicCredentials(address, secret));
        if (transport instanceof TransportHttp over && http != null) {
            over.setHttpConnectionFactory(http);
            if (secret instanceof GitSecret.Basic basic) {
                over.setPreemptiveBasicAuthentication(basic.username(), basic.password());
            } else if (secret instanceof GitSecret.Header header) {
                over.setAdditionalHeaders(Map.of("Authorization", header.value()));
            }
        }
        if (transport instanceof SshTransport over && ssh != null) {
            over.setSshSessionFactory(ssh);
        }
        return transport;
    }

    private BuildFailure failure(IOException why) {
        int status = http == null ? 0 : http.lastStatus();
        String refusedHostKey = hostKeys == null ? null : hostKeys.refused();
        return new GitFailures(address, secret, places).of(why, status, refusedHostKey);
    }

    @Override
    public void close() {
        repository.close();
        if (ssh != null) {
            ssh.close();
        }
    }

    private static final class UntilInterrupted extends EmptyProgressMonitor {

        @Override
        public boolean isCancelled() {
            return Thread.currentThread().isInterrupted();
        }
    }
}
