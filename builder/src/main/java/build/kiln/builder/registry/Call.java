package build.kiln.builder.registry;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/// A request to a registry.
///
/// @param target a path, or the absolute URI that the registry gave for an upload
/// @param repeatable whether `body` can be sent more than once
record Call(
        String method,
        String target,
        Scope scope,
        Map<String, String> headers,
        BodyPublisher body,
        boolean repeatable,
        Duration timeout) {

    static Call of(String method, String target, Scope scope, Duration timeout) {
        return new Call(method, target, scope, Map.of(), BodyPublishers.noBody(), true, timeout);
    }

    Call with(String header, String value) {
        Map<String, String> all = new TreeMap<>(headers);
        all.put(header, value);
        return new Call(method, target, scope, Map.copyOf(all), body, repeatable, timeout);
    }

    Call sending(byte[] bytes) {
        return new Call(method, target, scope, headers, BodyPublishers.ofByteArray(bytes), true, timeout);
    }

    Call sendingOnce(BodyPublisher stream) {
        return new Call(method, target, scope, headers, stream, false, timeout);
    }

    /// For messages: the method and the path, never the query.
    String described() {
        String path = target.startsWith("/")
                ? target
                : String.valueOf(URI.create(target).getRawPath());
        int query = path.indexOf('?');
        return method + " " + (query < 0 ? path : path.substring(0, query));
    }
}
