package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.status.Announcement;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// Makes Events. The same occasion has the same name, so that no restart makes an Event twice.
final class Announcer {

    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final String COMPONENT = "kiln-operator";

    /// What the API server takes.
    private static final int MAX_MESSAGE = 1024;

    private static final int MAX_STEM = 230;

    private final KubernetesClient client;
    private final Clock clock;

    Announcer(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /// Makes the Event while the caller goes on. Never fails: an Event that is lost is no reason to stop a build.
    ///
    /// @return the thread that makes it
    Thread announcing(ImageBuild build, Announcement announcement) {
        Map<String, String> logKeys = Objects.requireNonNullElse(MDC.getCopyOfContextMap(), Map.of());
        return Thread.startVirtualThread(() -> {
            MDC.setContextMap(logKeys);
            announce(build, announcement);
        });
    }

    private void announce(ImageBuild build, Announcement announcement) {
        try {
            client.resource(event(build, announcement)).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                LOG.atWarn()
                        .addKeyValue("reason", announcement.reason())
                        .addKeyValue("code", e.getCode())
                        .log("Event was not made: {}", e.getMessage());
            }
        }
    }

    /// An object's name has 253 characters.
    private static String stem(String name) {
        String stem = name.length() <= MAX_STEM ? name : name.substring(0, MAX_STEM);
        return stem.replaceFirst("[-.]+$", "");
    }

    private Event event(ImageBuild build, Announcement announcement) {
        var metadata = build.getMetadata();
        String occasion = metadata.getUid() + "/" + announcement.occasion();
        String id = UUID.nameUUIDFromBytes(occasion.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 13);
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        String message = announcement.message();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(metadata.getNamespace())
                .withName(stem(metadata.getName()) + "." + id)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(build.getApiVersion())
                .withKind(build.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .withResourceVersion(metadata.getResourceVersion())
                .endInvolvedObject()
                .withType(announcement.isWarning() ? "Warning" : "Normal")
                .withReason(announcement.reason())
                .withMessage(message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE - 1) + "…" : message)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent(COMPONENT)
                .withReportingInstance(COMPONENT)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .build();
    }
}
