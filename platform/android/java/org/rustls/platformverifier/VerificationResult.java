package org.rustls.platformverifier;

/** What CertificateVerifier found; read by the Rust crate rustls-platform-verifier, which knows these names and numbers. */
public final class VerificationResult {
    static final int OK = 0;
    static final int UNAVAILABLE = 1;
    static final int EXPIRED = 2;
    static final int UNKNOWN = 3;
    static final int BAD_ENCODING = 5;
    static final int BAD_EXTENSION = 6;

    public final int code;
    public final String message;

    VerificationResult(int code, String message) {
        this.code = code;
        this.message = message;
    }
}
