package build.kiln.operator.app;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import io.fabric8.kubernetes.client.utils.Utils;

/// Whether the operator shows a token to the API server, which has to be read anew now and then.
///
/// A kubeconfig with a client's certificate has none. The client looks for one all the same: a minute after its start
/// it begins to read and parse the kubeconfig before each request, which is a fifth of the operator's work.
enum TokenUse {
    TOKEN,
    NO_TOKEN;

    static TokenUse of(Config config) {
        boolean hasToken = Utils.isNotNullOrEmpty(config.getOauthToken())
                || Utils.isNotNullOrEmpty(config.getAutoOAuthToken())
                || config.getOauthTokenProvider() != null
                || config.getAuthProvider() != null
                || Utils.isNotNullOrEmpty(config.getUsername());
        return hasToken ? TOKEN : NO_TOKEN;
    }

    HttpClient.Builder configure(HttpClient.Builder http) {
        return this == TOKEN ? http : http.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, null);
    }
}
