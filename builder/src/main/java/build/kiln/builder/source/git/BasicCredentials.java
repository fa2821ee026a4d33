package build.kiln.builder.source.git;

import java.util.Locale;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;

/// Answers jgit's question for a user name and a password, for one host alone.
final class BasicCredentials extends CredentialsProvider {

    private final GitAddress address;
    private final GitSecret secret;

    BasicCredentials(GitAddress address, GitSecret secret) {
        this.address = address;
        this.secret = secret;
    }

    @Override
    public boolean isInteractive() {
        return false;
    }

    @Override
    public boolean supports(CredentialItem... items) {
        return secret instanceof GitSecret.Basic;
    }

    @Override
    public boolean get(URIish uri, CredentialItem... items) {
        boolean ours = uri.getHost() != null
                && String.valueOf(uri.getScheme())
                        .equalsIgnoreCase(address.scheme().name())
                && uri.getHost()
                        .toLowerCase(Locale.ROOT)
                        .equals(address.uri().getHost().toLowerCase(Locale.ROOT))
                && uri.getPort() == address.uri().getPort();
        if (!(secret instanceof GitSecret.Basic basic) || !ours) {
            return false;
        }
        for (CredentialItem item : items) {
            switch (item) {
                case CredentialItem.Username username -> username.setValue(basic.username());
                case CredentialItem.Password password ->
                    password.setValue(basic.password().toCharArray());
                default -> {
                    return false;
                }
            }
        }
        return true;
    }
}
