import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collections;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Says what this JVM makes of chains of a server's certificate and a root: name, port, leaf and root,
 * separated by tabs, a line each on stdin. `pkix` is the check of the path, `tls` is a handshake with
 * the server on that port, in each version.
 */
public final class Chains {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t");
            int port = Integer.parseInt(words[1]);
            say(words[0], "pkix", () -> validate(words[2], words[3]));
            if (port != 0) {
                for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
                    say(words[0], version, () -> shakeHands(args[0], port, words[3], version));
                }
            }
        }
    }

    private interface Question {
        void ask() throws Exception;
    }

    private static void say(String name, String kind, Question question) {
        String answer = "trusts it";
        try {
            question.ask();
        } catch (Throwable e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            answer = cause.toString().replaceAll("\\s+", " ");
            answer = answer.substring(0, Math.min(120, answer.length()));
        }
        System.out.println(name + "\t" + kind + "\t" + answer);
    }

    private static X509Certificate read(String file) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Paths.get(file))));
    }

    private static void validate(String leaf, String root) throws Exception {
        PKIXParameters parameters =
                new PKIXParameters(Collections.singleton(new TrustAnchor(read(root), null)));
        parameters.setRevocationEnabled(false);
        Certificate[] path = {read(leaf)};
        CertPathValidator.getInstance("PKIX").validate(
                CertificateFactory.getInstance("X.509").generateCertPath(java.util.Arrays.asList(path)),
                parameters);
    }

    private static void shakeHands(String host, int port, String root, String version)
            throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("root", read(root));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress("127.0.0.1", port), 5000);
            plain.setSoTimeout(5000);
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(new String[] {version});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.close();
        }
    }
}
