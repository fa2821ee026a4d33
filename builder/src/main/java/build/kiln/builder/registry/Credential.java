package build.kiln.builder.registry;

/// What a registry is told about who asks. Never printed: `toString` hides the secret.
sealed interface Credential {

    /// For the end of a sentence: `for user "ci-bot"`.
    String described();

    record Anonymous() implements Credential {
        @Override
        public String described() {
            return "without credentials";
        }
    }

    record Password(String user, String secret) implements Credential {
        @Override
        public String described() {
            return "for user \"" + user + "\"";
        }

        @Override
        public String toString() {
            return "Password[user=" + user + "]";
        }
    }

    /// A refresh token that only the token server takes.
    record IdentityToken(String secret) implements Credential {
        @Override
        public String described() {
            return "for the identity token";
        }

        @Override
        public String toString() {
            return "IdentityToken[]";
        }
    }
}
