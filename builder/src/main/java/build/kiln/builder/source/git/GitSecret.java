package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.source.ssh.KeyAgent;
import build.kiln.builder.source.ssh.SshAgent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The credentials for one repository, as a Secret has them.
sealed interface GitSecret {

    /// None are needed, or none were given.
    record None() implements GitSecret {}

    /// User name and password (or token) for HTTP.
    ///
    /// @param authority PEM certificates that the server's may be signed with; null for those that everybody
    ///     trusts
    record Basic(String username, String password, byte @Nullable [] authority) implements GitSecret {

        @Override
        public String toString() {
            return "basic";
        }
    }

    /// What stands behind `Authorization:`.
    ///
    /// @param id of the build's secret that it is from
    record Header(String id, String value) implements GitSecret {

        @Override
        public String toString() {
            return id;
        }
    }

    /// An agent that has keys for SSH, and the host keys that are right.
    ///
    /// @param shown the keys, for messages: "the key of the Secret"
    record Ssh(SshAgent agent, KnownHosts knownHosts, String shown) implements GitSecret {}

    /// Reads what this address needs from the folder that the Secret is mounted at, or takes the login if there is no
    /// Secret and it is reached by SSH.
    ///
    /// @throws RequestFailure `SecretInvalid`
    static GitSecret read(@Nullable Path folder, @Nullable SshLogin login, GitAddress address, String place) {
        if (folder == null) {
            return address.scheme() == GitAddress.Scheme.SSH ? ofLogin(login, address, place) : new None();
        }
        return switch (address.scheme()) {
            case HTTPS, HTTP -> {
                Keys keys = new Keys(folder, place, BASIC);
                yield new Basic(keys.text("username"), keys.text("password"), keys.ifThere("ca.crt"));
            }
            case SSH -> {
                Keys keys = new Keys(folder, place, SSH);
                byte[] key = keys.bytes("ssh-privatekey");
                KnownHosts hosts = KnownHosts.ofSecret(keys.text("known_hosts"), place);
                SshAgent agent = KeyAgent.of(List.of(key))
                        .orElseThrow(() -> invalid(
                                place,
                                "its key \"ssh-privatekey\" is not a private key that can be used: it has to be in"
                                        + " OpenSSH's or PEM form, and without a passphrase.",
                                SSH));
                yield new Ssh(agent, hosts, "the key of the Secret");
            }
            case GIT, FILE -> new None();
        };
    }

    private static GitSecret ofLogin(@Nullable SshLogin login, GitAddress address, String place) {
        return switch (login) {
            case null ->
                throw invalid(
                        place,
                        address + " is reached by SSH, which needs a key, and none is named.",
                        "Name one with --ssh default=KEYFILE, in an ImageBuild with an entry \"default\" in spec.ssh"
                                + " (for spec.source.git also in credentialsSecret).");
            case SshLogin.OfSecret(SshAgent agent, Path folder, String from) -> {
                String hosts = new Keys(folder, place + ", " + from, SSH).text("known_hosts");
                yield new Ssh(agent, KnownHosts.ofSecret(hosts, place + ", " + from), "the key of the " + from);
            }
            case SshLogin.OfUser(SshAgent agent, List<Path> files, String from) ->
                new Ssh(agent, KnownHosts.ofFiles(files, place), "the keys of " + from);
        };
    }

    String BASIC = "Create it with type kubernetes.io/basic-auth and the keys \"username\" and \"password\".";
    String SSH = "Create it with type kubernetes.io/ssh-auth and the keys \"ssh-privatekey\" and \"known_hosts\" (what"
            + " ssh-keyscan prints for the host, after you have checked it).";

    static RequestFailure invalid(String place, String fact, String advice) {
        return new RequestFailure(Reason.SecretInvalid, place, fact, advice);
    }

    /// The keys of a mounted Secret.
    record Keys(Path folder, String place, String advice) {

        private static final int MOST_BYTES = 1 << 20; // Kubernetes allows no larger Secret

        String text(String key) {
            String text = new String(bytes(key), StandardCharsets.UTF_8).strip();
            if (text.isEmpty()) {
                throw invalid(place, "its key \"" + key + "\" is empty.", advice);
            }
            return text;
        }

        byte[] bytes(String key) {
            return Optional.ofNullable(ifThere(key))
                    .orElseThrow(
                            () -> invalid(place, "it has no key \"" + key + "\"; it has " + names() + ".", advice));
        }

        byte @Nullable [] ifThere(String key) {
            Path file = folder.resolve(key);
            if (!Files.isRegularFile(file)) {
                return null;
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(MOST_BYTES);
            } catch (IOException e) {
                throw invalid(place, "its key \"" + key + "\" cannot be read: " + e.getMessage() + ".", advice);
            }
        }

        /// @throws RequestFailure `SecretInvalid` if there are none: an optional Secret that is missing is
        ///     mounted empty
        private String names() {
            try (Stream<Path> files = Files.list(folder)) {
                List<String> names = files.map(file -> file.getFileName().toString())
                        .filter(name -> !name.startsWith("..")) // the kubelet's own
                        .sorted()
                        .toList();
                if (!names.isEmpty()) {
                    return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
                }
            } catch (IOException e) {
                // not there, as far as the user is concerned
            }
            throw invalid(place, "the Secret is not there, or is empty.", advice);
        }
    }
}
