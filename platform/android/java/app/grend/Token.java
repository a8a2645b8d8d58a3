package app.grend;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What a distributor may say: any program on the phone can send it, but only ours knows the token. Specification AND_3.0.0. */
final class Token {
    private static final int LONGEST = 100;
    private static final int LONGEST_ENDPOINT = 1000;

    private Token() {}

    /** Whether this is the token that we gave. How far they agree takes no time to tell. */
    static boolean isOurs(String kept, String given) {
        return kept != null
                && given != null
                && given.length() <= LONGEST
                && MessageDigest.isEqual(
                        kept.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    /** The number of a message, to be acknowledged. Null if it has none. */
    static String id(String given) {
        return given == null || given.getBytes(StandardCharsets.UTF_8).length > LONGEST ? null : given;
    }

    /** An endpoint, or null if it is none. */
    static String endpoint(String given) {
        if (given == null || given.length() > LONGEST_ENDPOINT || !given.startsWith("https://")) {
            return null;
        }
        for (int at = 0; at < given.length(); at++) {
            if (given.charAt(at) <= ' ' || given.charAt(at) > '~') {
                return null;
            }
        }
        return given;
    }
}
