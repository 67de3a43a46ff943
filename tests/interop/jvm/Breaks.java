import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Says what each certificate does to a truststore that also holds a good one: `ok`, or `breaks`, a tab and
 * why; then a tab and what CertificateFactory says of the certificate alone, in the same words. The
 * arguments are a file with the good anchor and one with the chain that it must go on verifying. The
 * certificates come on standard input: four bytes of length, then DER.
 *
 * The store is made here byte by byte, since KeyStore itself takes parsed certificates only. A store
 * breaks if it does not load, if fewer anchors than it holds are trusted, or if the good chain fails.
 *
 * Written for Java 8, so that one compilation serves every JVM.
 */
public final class Breaks {
    private static final char[] PASSWORD = "changeit".toCharArray();

    public static void main(String[] args) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        byte[] good = Files.readAllBytes(Paths.get(args[0]));
        X509Certificate[] chain;
        try (InputStream in = Files.newInputStream(Paths.get(args[1]))) {
            chain = factory.generateCertificates(in).toArray(new X509Certificate[0]);
        }
        DataInputStream in = new DataInputStream(System.in);
        while (true) {
            byte[] der;
            try {
                der = new byte[in.readInt()];
            } catch (EOFException e) {
                return;
            }
            in.readFully(der);
            String pkcs12 = inStore("PKCS12", pkcs12(good, der), chain);
            String jks = inStore("JKS", jks(good, der), chain);
            String store = pkcs12.equals("ok") && !jks.equals("ok") ? "JKS alone: " + jks : pkcs12;
            System.out.println(store + "\t" + alone(factory, der));
            System.out.flush();
        }
    }

    /** What a trust manager over the store does. */
    private static String inStore(String type, byte[] content, X509Certificate[] chain) {
        try {
            KeyStore store = KeyStore.getInstance(type);
            store.load(new ByteArrayInputStream(content), PASSWORD);
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            for (TrustManager manager : trust.getTrustManagers()) {
                X509TrustManager x509 = (X509TrustManager) manager;
                int anchors = x509.getAcceptedIssuers().length;
                if (anchors != 2) {
                    return anchors + " of 2 anchors";
                }
                x509.checkServerTrusted(chain, "ECDHE_ECDSA");
            }
            return "ok";
        } catch (Throwable e) {
            return reason(e);
        }
    }

    /** What a server's certificate goes through, and what is asked of an anchor. */
    private static String alone(CertificateFactory factory, byte[] der) {
        try {
            X509Certificate read =
                    (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
            new TrustAnchor(read, null);
            read.getSubjectX500Principal().getName();
            PublicKey key = read.getPublicKey();
            return "ok " + key.getClass().getSimpleName();
        } catch (Throwable e) {
            return reason(e);
        }
    }

    /** A JKS of two trusted certificates. */
    private static byte[] jks(byte[]... certificates) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0xfeedfeed);
        out.writeInt(2);
        out.writeInt(certificates.length);
        for (int i = 0; i < certificates.length; i++) {
            out.writeInt(2);
            out.writeUTF("ca" + i);
            out.writeLong(0);
            out.writeUTF("X.509");
            out.writeInt(certificates[i].length);
            out.write(certificates[i]);
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        for (char c : PASSWORD) {
            digest.update((byte) (c >> 8));
            digest.update((byte) c);
        }
        digest.update("Mighty Aphrodite".getBytes(StandardCharsets.UTF_8));
        out.write(digest.digest(bytes.toByteArray()));
        return bytes.toByteArray();
    }

    /** A PKCS#12 of two trusted certificates, without encryption and MAC, as JDKs ship their own. */
    private static byte[] pkcs12(byte[]... certificates) throws Exception {
        byte[] data = {6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 7, 1};
        byte[] certBag = {6, 11, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 12, 10, 1, 3};
        byte[] x509 = {6, 10, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 9, 22, 1};
        byte[] trustedKeyUsage = {6, 12, 0x60, (byte) 0x86, 0x48, 1, (byte) 0x86, (byte) 0xf9, 0x66,
            (byte) 0xad, (byte) 0xca, 0x7b, 1, 1};
        byte[] anyUsage = {6, 4, 0x55, 0x1d, 0x25, 0};
        byte[][] bags = new byte[certificates.length][];
        for (int i = 0; i < bags.length; i++) {
            byte[] certificate = tlv(0xa0, tlv(0x30, x509, tlv(0xa0, tlv(4, certificates[i]))));
            bags[i] = tlv(0x30, certBag, certificate,
                    tlv(0x31, tlv(0x30, trustedKeyUsage, tlv(0x31, anyUsage))));
        }
        byte[] safe = tlv(0x30, data, tlv(0xa0, tlv(4, tlv(0x30, bags))));
        byte[] authSafe = tlv(0x30, data, tlv(0xa0, tlv(4, tlv(0x30, safe))));
        return tlv(0x30, new byte[] {2, 1, 3}, authSafe);
    }

    private static byte[] tlv(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.write(part, 0, part.length);
        }
        int length = content.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            byte[] digits = BigInteger.valueOf(length).toByteArray();
            int start = digits[0] == 0 ? 1 : 0;
            out.write(0x80 | digits.length - start);
            out.write(digits, start, digits.length - start);
        }
        out.write(content.toByteArray(), 0, length);
        return out.toByteArray();
    }

    private static String reason(Throwable thrown) {
        StringBuilder text = new StringBuilder("breaks ");
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            text.append(text.length() > 7 ? " <- " : "").append(t);
        }
        return text.toString().replaceAll("\\s+", " ");
    }
}
