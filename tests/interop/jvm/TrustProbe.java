import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collections;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Says what a JVM makes of a store, one tab-separated fact a line.
 *
 * <pre>
 * trust [HOST:PORT...]        the anchors of the default TrustManager, then a handshake each
 * store TYPE FILE PASSWORD... what KeyStore.load gives for each password
 * certificates FILE...        what CertificateFactory reads
 * </pre>
 *
 * The anchors are those that validation uses: `keytool -list` also counts entries that the
 * JVM does not trust. TYPE is `default`, a type, or TYPE@PROVIDER-CLASS. PASSWORD is `null`,
 * or `hex:` and the password's UTF-8, since the JVM reads its arguments in the locale.
 *
 * Written for Java 8, so that one compilation serves every JVM.
 */
public final class TrustProbe {
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "trust":
                trust(args);
                break;
            case "store":
                store(args);
                break;
            case "certificates":
                certificates(args);
                break;
            default:
                throw new IllegalArgumentException(args[0]);
        }
    }

    private static void trust(String[] args) throws Exception {
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            for (TrustManager manager : factory.getTrustManagers()) {
                for (Certificate anchor : ((X509TrustManager) manager).getAcceptedIssuers()) {
                    say("anchor", fingerprint(anchor));
                }
            }
            say("anchors", "whole");
        } catch (Exception e) {
            say("anchors", "failed", reason(e));
        }
        for (int i = 1; i < args.length; i++) {
            String[] peer = args[i].split(":");
            try (SSLSocket socket = (SSLSocket) SSLSocketFactory.getDefault()
                    .createSocket(peer[0], Integer.parseInt(peer[1]))) {
                socket.setSoTimeout(20_000);
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                say("handshake", args[i], "passed");
            } catch (Exception e) {
                say("handshake", args[i], "failed", reason(e));
            }
        }
    }

    private static void store(String[] args) throws Exception {
        for (int i = 3; i < args.length; i++) {
            try (InputStream in = new FileInputStream(args[2])) {
                KeyStore store = open(args[1]);
                store.load(in, password(args[i]));
                for (String alias : Collections.list(store.aliases())) {
                    if (store.isCertificateEntry(alias)) {
                        say("entry", args[i], fingerprint(store.getCertificate(alias)), alias);
                    } else {
                        say("other", args[i], alias);
                    }
                }
                say("store", args[i], "loaded");
            } catch (Exception e) {
                say("store", args[i], "failed", reason(e));
            }
        }
    }

    private static KeyStore open(String type) throws Exception {
        if (type.equals("default")) {
            return KeyStore.getInstance(KeyStore.getDefaultType());
        }
        String[] parts = type.split("@");
        if (parts.length == 1) {
            return KeyStore.getInstance(type);
        }
        Provider provider =
                (Provider) Class.forName(parts[1]).getDeclaredConstructor().newInstance();
        Security.addProvider(provider);
        return KeyStore.getInstance(parts[0], provider);
    }

    private static char[] password(String word) {
        if (word.equals("null")) {
            return null;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = "hex:".length(); i < word.length(); i += 2) {
            bytes.write(Integer.parseInt(word.substring(i, i + 2), 16));
        }
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8).toCharArray();
    }

    private static void certificates(String[] args) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (int i = 1; i < args.length; i++) {
            try (InputStream in = new FileInputStream(args[i])) {
                for (Certificate certificate : factory.generateCertificates(in)) {
                    say("certificate", args[i], fingerprint(certificate));
                }
                say("file", args[i], "read");
            } catch (Exception e) {
                say("file", args[i], "failed", reason(e));
            }
        }
    }

    private static String fingerprint(Certificate certificate) throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte b : MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
    }

    /** The whole chain of causes: the word that a test looks for may stand in any of them. */
    private static String reason(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            text.append(text.length() > 0 ? " <- " : "").append(t);
        }
        return text.toString().replaceAll("\\s+", " ");
    }

    private static void say(String... facts) {
        System.out.println(String.join("\t", facts));
    }
}
