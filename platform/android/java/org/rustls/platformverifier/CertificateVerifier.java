package org.rustls.platformverifier;

import android.content.Context;
import android.net.http.X509TrustManagerExtensions;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Asks Android whether it trusts a certificate. The Rust crate rustls-platform-verifier calls this by name and checks the
 * server's name itself; its own Kotlin is not needed. Whether a certificate was revoked is not asked.
 */
final class CertificateVerifier {
    private CertificateVerifier() {}

    static VerificationResult verifyCertificateChain(
            Context context,
            String server,
            String method,
            String[] purposes,
            byte[] ocsp,
            long time,
            byte[][] chain) {
        X509Certificate[] certificates = new X509Certificate[chain.length];
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (int each = 0; each < chain.length; each++) {
                certificates[each] =
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(chain[each]));
            }
        } catch (CertificateException error) {
            return new VerificationResult(VerificationResult.BAD_ENCODING, error.toString());
        }
        try {
            certificates[0].checkValidity(new Date(time));
        } catch (CertificateException error) {
            return new VerificationResult(VerificationResult.EXPIRED, error.toString());
        }
        try {
            List<String> given = certificates[0].getExtendedKeyUsage();
            if (given != null && Collections.disjoint(given, Arrays.asList(purposes))) {
                return new VerificationResult(VerificationResult.BAD_EXTENSION, "not for servers");
            }
            X509TrustManager system = system();
            if (system == null) {
                return new VerificationResult(VerificationResult.UNAVAILABLE, "no trust manager");
            }
            new X509TrustManagerExtensions(system).checkServerTrusted(certificates, method, server);
            return new VerificationResult(VerificationResult.OK, null);
        } catch (CertificateException error) {
            return new VerificationResult(VerificationResult.UNKNOWN, error.toString());
        } catch (GeneralSecurityException error) {
            return new VerificationResult(VerificationResult.UNAVAILABLE, error.toString());
        }
    }

    private static X509TrustManager system() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager) {
                return (X509TrustManager) manager;
            }
        }
        return null;
    }
}
