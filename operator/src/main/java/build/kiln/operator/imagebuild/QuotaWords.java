package build.kiln.operator.imagebuild;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads why a ResourceQuota refuses something:
/// `exceeded quota: q, requested: requests.cpu=4, used: requests.cpu=1, limited: requests.cpu=8`.
final class QuotaWords {

    private static final Pattern WORDS =
            Pattern.compile("exceeded quota: .*requested: (?<requested>.*), used: .*, limited: (?<limited>.*)");
    private static final Pattern AMOUNT = Pattern.compile("([^=,\\s]+)=([0-9][0-9.]*[a-zA-Z]*)");

    private QuotaWords() {}

    /// What a pod has no room for.
    ///
    /// @param words the API server's
    static String ofPod(String pod, String words) {
        String end = moreThanThereIs(words)
                .map(what ->
                        " It asks for more than the quota has at all (%s): lower spec.pod.resources, or raise the quota."
                                .formatted(what))
                .orElse(" The build starts when there is.");
        return "Pod %s has no room in the namespace's quota: %s.%s".formatted(pod, ApiWords.ofAnyPod(words), end);
    }

    /// As in `requests.cpu: 4 of 2`; empty if it could fit.
    private static Optional<String> moreThanThereIs(String words) {
        Matcher matcher = WORDS.matcher(words);
        if (!matcher.find()) {
            return Optional.empty();
        }
        Map<String, String> limited = amounts(matcher.group("limited"));
        List<String> tooMuch = new ArrayList<>();
        amounts(matcher.group("requested")).forEach((name, amount) -> {
            String limit = limited.getOrDefault(name, amount);
            if (number(amount).compareTo(number(limit)) > 0) {
                tooMuch.add("%s: %s of %s".formatted(name, amount, limit));
            }
        });
        return tooMuch.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", tooMuch));
    }

    private static BigDecimal number(String amount) {
        return Quantity.parse(amount).getNumericalAmount();
    }

    private static Map<String, String> amounts(String list) {
        Map<String, String> amounts = new LinkedHashMap<>();
        AMOUNT.matcher(list).results().forEach(m -> amounts.put(m.group(1), m.group(2)));
        return amounts;
    }
}
