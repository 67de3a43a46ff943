import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;

/**
 * Says how many certificates this JVM takes from each file, a line each: `took`, a tab and how
 * many, or `refused`, a tab and why. The arguments come in threes: `certificates` or a KeyStore
 * type, the file, and the password in hexadecimal UTF-8 (`-` for none).
 *
 * Of a store, those are counted that it trusts: keytool shows more.
 *
 * Written for Java 8, so that one compilation serves every JVM.
 */
public final class Ask {
    public static void main(String[] args) {
        for (int i = 0; i + 2 < args.length; i += 3) {
            String answer;
            try {
                byte[] content = Files.readAllBytes(Paths.get(args[i + 1]));
                answer = "took\t" + (args[i].equals("certificates")
                        ? certificates(content)
                        : anchors(args[i], content, password(args[i + 2])));
            } catch (Throwable e) {
                // The outermost alone: it is what a program's log shows.
                answer = "refused\t" + e.toString().replaceAll("\\s+", " ");
            }
            System.out.println(answer);
        }
    }

    private static int certificates(byte[] content) throws Exception {
        Collection<?> read = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(content));
        for (Object certificate : read) {
            // What a trust manager asks of an anchor.
            X509Certificate anchor = (X509Certificate) certificate;
            new TrustAnchor(anchor, null);
            anchor.getSubjectX500Principal().getName();
            anchor.getPublicKey();
        }
        return read.size();
    }

    private static int anchors(String type, byte[] content, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        store.load(new ByteArrayInputStream(content), password);
        int trusted = 0;
        for (String alias : Collections.list(store.aliases())) {
            trusted += store.isCertificateEntry(alias) ? 1 : 0;
        }
        return trusted;
    }

    private static char[] password(String word) {
        if (word.equals("-")) {
            return null;
        }
        byte[] bytes = new byte[word.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(word.substring(2 * i, 2 * i + 2), 16);
        }
        return new String(bytes, StandardCharsets.UTF_8).toCharArray();
    }
}
