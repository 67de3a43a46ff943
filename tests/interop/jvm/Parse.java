import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;

/**
 * Says of each certificate in a file whether this JVM takes it: `ok`, or `refused`, a tab and
 * why, a line each. The file has the length of each certificate in four bytes, then its DER.
 *
 * Written for Java 8, so that one compilation serves every JVM.
 */
public final class Parse {
    public static void main(String[] args) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        StringBuilder out = new StringBuilder();
        try (DataInputStream in = new DataInputStream(new FileInputStream(args[0]))) {
            while (true) {
                byte[] der;
                try {
                    der = new byte[in.readInt()];
                } catch (EOFException e) {
                    break;
                }
                in.readFully(der);
                out.append(verdict(factory, der)).append('\n');
            }
        }
        System.out.print(out);
    }

    private static String verdict(CertificateFactory factory, byte[] der) {
        try {
            ByteArrayInputStream bytes = new ByteArrayInputStream(der);
            X509Certificate read = (X509Certificate) factory.generateCertificate(bytes);
            // What a trust manager asks of an anchor.
            new TrustAnchor(read, null);
            read.getSubjectX500Principal().getName();
            read.getPublicKey();
            return "ok";
        } catch (Throwable e) {
            StringBuilder why = new StringBuilder();
            for (Throwable t = e; t != null; t = t.getCause()) {
                why.append(why.length() > 0 ? " <- " : "").append(t);
            }
            return "refused\t" + why.toString().replaceAll("\\s+", " ");
        }
    }
}
