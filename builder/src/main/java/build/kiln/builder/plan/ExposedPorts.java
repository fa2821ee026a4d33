package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.failure.DockerfileFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The words of an EXPOSE: `80`, `53/udp`, `8000-8010`. Addresses and host ports may stand before them, as in
/// `127.0.0.1:8080:80`; they are checked, and mean nothing to an image.
final class ExposedPorts {

    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
    private static final String ADVICE =
            "A port is a number from 0 to 65535, or a range such as 8000-8010, with /tcp, /udp or /sctp behind it if "
                    + "it is not TCP.";

    private record Range(int first, int last) {}

    private ExposedPorts() {}

    /// Every single port that the words mean, `80/tcp` each.
    static List<String> parse(Origin origin, List<String> words) {
        List<String> ports = new ArrayList<>();
        for (String word : words) {
            ports.addAll(parse(origin, word));
        }
        return ports;
    }

    private static List<String> parse(Origin origin, String word) {
        int lastColon = word.lastIndexOf(':');
        String before = lastColon < 0 ? "" : word.substring(0, lastColon);
        String container = word.substring(lastColon + 1);
        int hostColon = before.lastIndexOf(':');
        String address = hostColon < 0 ? "" : before.substring(0, hostColon);
        String host = before.substring(hostColon + 1);

        int slash = container.indexOf('/');
        String protocol = slash < 0 ? "" : container.substring(slash + 1).toLowerCase(Locale.ROOT);
        String numbers = slash < 0 ? container : container.substring(0, slash);
        if (protocol.isEmpty()) {
            protocol = "tcp";
        }
        if (!PROTOCOLS.contains(protocol)) {
            throw wrong(origin, word, "has the protocol \"" + container.substring(slash + 1) + "\"");
        }
        if (!address.isEmpty() && !isAddress(address)) {
            throw wrong(origin, word, "has the address \"" + address + "\", which is none");
        }
        Range range = range(origin, word, numbers);
        if (!host.isEmpty()) {
            Range hostRange = range(origin, word, host);
            if (range.last() - range.first() != hostRange.last() - hostRange.first() && range.first() != range.last()) {
                throw wrong(origin, word, "has two ranges of different length");
            }
        }
        List<String> ports = new ArrayList<>();
        for (int port = range.first(); port <= range.last(); port++) {
            ports.add(port + "/" + protocol);
        }
        return ports;
    }

    private static Range range(Origin origin, String word, String text) {
        int dash = text.indexOf('-');
        int first = number(origin, word, dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : number(origin, word, text.substring(dash + 1));
        if (last < first) {
            throw wrong(origin, word, "has a range that ends before it begins");
        }
        return new Range(first, last);
    }

    private static int number(Origin origin, String word, String text) {
        if (!text.matches("\\+?[0-9]{1,9}") || Integer.parseInt(text) > 65535) {
            throw wrong(origin, word, text.isEmpty() ? "has no number" : "has the number \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    private static boolean isAddress(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        return bare.matches("(([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])(\\.(?!$)|$)){4}")
                || bare.contains(":") && bare.matches("[0-9a-fA-F:.]+");
    }

    private static DockerfileFailure wrong(Origin origin, String word, String what) {
        return origin.failure("EXPOSE names the port \"" + word + "\", which " + what + ".", ADVICE);
    }
}
