package build.kiln.operator.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/// Log lines as flat JSON objects: time, level, message and logger, what the line is about, and its own keys.
public final class LogLines extends EncoderBase<ILoggingEvent> {

    private static final String CONFIGURATION = "logback.configurationFile";

    /// The framework's words for what a line is about, and ours.
    private static final Map<String, String> SUBJECT = Map.of(
            "resource.namespace", "namespace",
            "resource.name", "name",
            "resource.generation", "generation");

    private final ObjectMapper json = new ObjectMapper();

    /// To be called before anything is logged. A configuration that somebody names wins.
    static void use(Settings.LogFormat format) {
        if (System.getProperty(CONFIGURATION) == null) {
            System.setProperty(
                    CONFIGURATION,
                    switch (format) {
                        case JSON -> "build/kiln/operator/app/logback.xml";
                        case TEXT -> "build/kiln/operator/app/logback-text.xml";
                    });
        }
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        line.put("level", event.getLevel().toString());
        line.put("message", event.getFormattedMessage());
        line.put("logger", event.getLoggerName());
        Map<String, String> context = event.getMDCPropertyMap();
        SUBJECT.entrySet().stream()
                .filter(e -> context.containsKey(e.getKey()))
                .sorted(Map.Entry.comparingByValue())
                .forEach(e -> line.put(e.getValue(), context.get(e.getKey())));
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                line.put(pair.key, value(pair.value));
            }
        }
        if (event.getThrowableProxy() != null) {
            line.put("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return bytes(line);
    }

    private static Object value(Object value) {
        return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
    }

    private byte[] bytes(Map<String, Object> line) {
        try {
            return (json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Texts and numbers are always JSON.", e);
        }
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
