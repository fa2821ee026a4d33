package build.kiln.builder.source.git;

import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.client.config.hosts.KnownHostEntry;

/// What a text of OpenSSH's known_hosts says about keys of hosts.
///
/// @param advice what to do when a host shows a key that is not among them
record KnownHosts(List<KnownHostEntry> entries, String advice) {

    /// That of a Secret, which was written for this: each line has to be right.
    ///
    /// @param place that names the Secret, for messages
    /// @throws RequestFailure `SecretInvalid` if a line is not in the form of known_hosts
    static KnownHosts ofSecret(String text, String place) {
        List<KnownHostEntry> entries = new ArrayList<>();
        for (String line : lines(text)) {
            try {
                entries.add(entry(line));
            } catch (RuntimeException e) {
                // The exception quotes the line, which may be a private key in the wrong place.
                throw GitSecret.invalid(
                        place,
                        "its key \"known_hosts\" is not in the form of an OpenSSH known_hosts file.",
                        GitSecret.SSH);
            }
        }
        return new KnownHosts(
                entries,
                "If the host has a new key, correct \"known_hosts\" in the Secret; if not, somebody may be listening.");
    }

    /// Those of the user's machine, which OpenSSH writes for itself: a line that is not understood lets nobody in.
    ///
    /// @param files of which any may be missing, the user's own first
    /// @param place that names the keys, for messages
    /// @throws RequestFailure `SecretInvalid` if one is there and cannot be read
    static KnownHosts ofFiles(List<Path> files, String place) {
        List<KnownHostEntry> entries = new ArrayList<>();
        for (String line : lines(text(files, place))) {
            try {
                entries.add(entry(line));
            } catch (RuntimeException e) {
                // in a form of its own
            }
        }
        return new KnownHosts(
                entries,
                "If you know from the host's owner that this is its key, put it into \"" + files.getFirst()
                        + "\" (ssh-keyscan prints it); if not, somebody may be listening.");
    }

    private static KnownHostEntry entry(String line) {
        return Objects.requireNonNull(KnownHostEntry.parseKnownHostEntry(line));
    }

    private static List<String> lines(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    private static String text(List<Path> files, String place) {
        StringBuilder all = new StringBuilder();
        for (Path file : files) {
            try {
                if (Files.exists(file)) {
                    all.append(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .append('\n');
                }
            } catch (IOException e) {
                throw GitSecret.invalid(
                        place,
                        "the host keys in \"" + file + "\" cannot be read: " + e + ".",
                        "Make the file readable for you.");
            }
        }
        return all.toString();
    }
}
