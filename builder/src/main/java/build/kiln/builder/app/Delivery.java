package build.kiln.builder.app;

import build.kiln.builder.execute.BuiltImage;
import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.execute.ImageVerifier;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.RegistryOutput;
import build.kiln.builder.execute.Verification;
import build.kiln.builder.execute.Verifying;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.provenance.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Brings a finished image to where its names are: it is verified while it is sent, and then its names lead to it.
final class Delivery {

    private final BuildSetup setup;
    private final Progress progress;
    private final Clock clock;

    Delivery(BuildSetup setup, Progress progress, Clock clock) {
        this.setup = setup;
        this.progress = progress;
        this.clock = clock;
    }

    /// @param statements about the image, if a provenance is wanted
    /// @return the first name that it was pushed to, by digest; empty if it was not pushed
    /// @throws build.kiln.builder.failure.BuildFailure if it was not sent, or has not passed
    Optional<ImageReference> deliver(
            RegistryOutput push,
            BuiltImages built,
            BuildPlace place,
            Function<ProvenanceRequest, List<Statement>> statements) {
        try (Verifying verifying = verifying(built, place)) {
            if (setup.push().isEmpty()) {
                verifying.await();
                return Optional.empty();
            }
            RegistryOutput.BeforeTags before = () -> {
                verifying.await();
                if (setup.provenance() instanceof ProvenanceRequest wanted) {
                    statements.apply(wanted).forEach(statement -> attach(push, statement));
                }
            };
            return Optional.of(
                    switch (setup.naming()) {
                        case TAGS -> push.finish(built, before);
                        case DIGEST -> push.finishWithoutTags(built, before);
                    });
        } catch (InterruptedException e) {
            throw new PlatformFailure(Reason.Interrupted, "", "The build was told to stop.", "Start it again.", e);
        } catch (RegistryFailure e) {
            throw setup.cacheLife() == BuildSetup.CacheLife.KEPT ? RegistryOutput.pending(e) : e;
        }
    }

    /// Stores a statement beside what it is about.
    static void attach(RegistryOutput push, Statement statement) {
        byte[] json = statement.toJson();
        ImageManifest manifest = statement.manifest(json);
        push.attach(
                "attaching provenance to " + statement.subject().digest(),
                manifest,
                Map.of(
                        Statement.config(),
                        Statement.configJson(),
                        manifest.layers().getFirst(),
                        json));
    }

    private Verifying verifying(BuiltImages built, BuildPlace place) {
        Verification asked = setup.verification();
        if (asked == null) {
            return Verifying.nothing();
        }
        Confinement there = place.confinement();
        ImageVerifier verifier = new ImageVerifier(
                asked,
                there::snapshots,
                there::sandbox,
                place.cache().workspace(),
                place.room(),
                setup.run().processes(),
                setup.run().deadline(),
                progress,
                clock);
        return Verifying.start(verifier, built, this::whereItIs);
    }

    private String whereItIs(BuiltImage image) {
        return setup.push().isEmpty()
                ? "Nothing was written; the steps are in the cache."
                : "No tag leads to the image. It is in the registry, to be looked at, as "
                        + setup.push().getFirst().name() + "@"
                        + image.descriptor().digest() + ".";
    }
}
