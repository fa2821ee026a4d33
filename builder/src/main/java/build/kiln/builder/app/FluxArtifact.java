package build.kiln.builder.app;

import build.kiln.builder.execute.RemoteContext;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.http.HttpLogin;
import build.kiln.protocol.BuildRequest;
import java.nio.file.Path;

/// What Flux has fetched, from Flux's own server.
///
/// The server's time of the file is when Flux packed it, and no part of what is built: the files' own times count.
final class FluxArtifact implements Source {

    private static final String PLACE = "spec.source.flux";

    private final BuildRequest.Source.Flux flux;

    FluxArtifact(BuildRequest.Source.Flux flux) {
        this.flux = flux;
    }

    @Override
    public SourceTree obtain(Path work) {
        HttpFile file = new HttpFile(flux.url(), "artifact", digest(), HttpLogin.NONE, PLACE);
        try {
            SourceTree tree = RemoteContext.ofArchive(file).obtain(work);
            return new SourceTree(tree.root(), flux.revision(), null, tree.warnings(), tree.owners());
        } catch (SourceFailure e) {
            if (e.reason() != Reason.SourceNotFound) {
                throw e;
            }
            throw new SourceFailure(
                    Reason.SourceUnavailable,
                    PLACE,
                    "Flux no longer has the artifact " + flux.revision() + " of " + flux.object() + ": " + file
                            + " is not there.",
                    "It keeps the newest ones alone; the next attempt takes the one that it has then.",
                    e);
        }
    }

    private Digest digest() {
        try {
            return Digest.parse(flux.digest());
        } catch (IllegalArgumentException e) {
            throw new RequestFailure(
                    Reason.NotSupportedYet,
                    PLACE,
                    "the artifact of " + flux.object() + " cannot be checked: its " + e.getMessage() + ".",
                    "Start Flux's source-controller with --artifact-digest-algo=sha256.",
                    e);
        }
    }
}
