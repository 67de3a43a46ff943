import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLProtocolException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Answers whether this JVM trusts chains, each with anchors, a host and a time of its own.
 *
 * The argument is the port of a server on loopback. Reads a case a line, in fields with a tab between
 * them: its id, by which the server knows it, the host, the time in milliseconds since 1970, and the
 * anchors, in base64 with a comma between them. Writes the id, a tab, an outcome, a tab and its own
 * words; before that, a line with its version.
 *
 * The trust manager is the one that the JVM makes for itself (PKIX), with the time set, in a handshake
 * that compares the host name as HttpsURLConnection does.
 *
 * Written for Java 8, so that one compilation serves every JVM.
 */
public final class PathJudge {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        out.println("version\t" + System.getProperty("java.version"));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        int port = Integer.parseInt(args[0]);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split("\t", -1);
            out.println(fields[0] + "\t" + answer(fields, port).replaceAll("[\\r\\n]+", " "));
        }
    }

    private static String answer(String[] fields, int port) {
        SSLContext context;
        try {
            PKIXBuilderParameters parameters =
                    new PKIXBuilderParameters(store(fields[3]), new X509CertSelector());
            parameters.setRevocationEnabled(false);
            parameters.setDate(new Date(Long.parseLong(fields[2])));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
        } catch (Throwable e) {
            return "broken-store\t" + words(e);
        }
        try {
            shakeHands(context, fields[0], fields[1], port);
            return "trusted\t";
        } catch (Throwable e) {
            return (isRefusal(e) ? "refused\t" : "failed\t") + words(e);
        }
    }

    private static void shakeHands(SSLContext context, String id, String host, int port)
            throws IOException {
        try (Socket plain = new Socket("127.0.0.1", port)) {
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(60_000);
            plain.getOutputStream().write((id + "\n").getBytes(StandardCharsets.UTF_8));
            SSLSocket socket = (SSLSocket) context.getSocketFactory()
                    .createSocket(plain, host, 443, false);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        }
    }

    private static boolean isRefusal(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException && !(cause instanceof SignatureException)
                    || cause instanceof SSLProtocolException) {
                return true;
            }
        }
        return false;
    }

    private static KeyStore store(String field) throws Exception {
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        int count = 0;
        for (String anchor : field.split(",")) {
            byte[] der = Base64.getDecoder().decode(anchor);
            store.setCertificateEntry("anchor" + count++,
                    factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        return store;
    }

    private static String words(Throwable e) {
        StringBuilder words = new StringBuilder(e.toString());
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            words.append(" <- ").append(cause);
        }
        return words.toString();
    }
}
