package build.kiln.operator.app;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/// Hands the client the lines of a watch over HTTP in plain ASCII, with JSON's escapes for all else.
///
/// Of a character that takes more than one byte the client makes that character and NULs, and where the network has cut
/// it in two, something else: the line is no JSON any more, or says what nobody wrote.
final class WatchText implements Interceptor {

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        if (!isWatch(request)) {
            return consumer;
        }
        Escapes escapes = new Escapes();
        return (buffers, body) ->
                consumer.consume(buffers.stream().map(escapes::of).toList(), body);
    }

    static boolean isWatch(HttpRequest request) {
        return Objects.requireNonNullElse(request.uri().getQuery(), "").contains("watch=true");
    }

    /// One answer's text, part by part. JSON has such characters in strings only, so each can be written as an escape.
    static final class Escapes {

        private final CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);

        /// The beginning of a character whose rest has not come yet.
        private ByteBuffer rest = ByteBuffer.allocate(0);

        ByteBuffer of(ByteBuffer part) {
            if (!rest.hasRemaining() && isAscii(part)) {
                return part;
            }
            ByteBuffer bytes = ByteBuffer.allocate(rest.remaining() + part.remaining())
                    .put(rest)
                    .put(part)
                    .flip();
            CharBuffer text = CharBuffer.allocate(bytes.remaining());
            CoderResult result = decoder.decode(bytes, text, false);
            if (result.isOverflow()) {
                throw new IllegalStateException("a text in UTF-8 has more characters than bytes");
            }
            rest = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            StringBuilder ascii = new StringBuilder(text.position() + 64);
            for (char c : text.flip().toString().toCharArray()) {
                if (c < 0x80) {
                    ascii.append(c);
                } else {
                    ascii.append("\\u%04x".formatted((int) c));
                }
            }
            return ByteBuffer.wrap(ascii.toString().getBytes(StandardCharsets.US_ASCII));
        }

        private static boolean isAscii(ByteBuffer part) {
            for (int i = part.position(); i < part.limit(); i++) {
                if (part.get(i) < 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
