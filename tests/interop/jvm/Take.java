import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * Says what this JVM takes from each file on standard input: its password and its content, each after four
 * bytes of length; a length of -1 means no password. Each gets a line: for each way to read it, the name of the
 * way, how many keys it holds, why it could not be read or `-`, and its certificates in Base64, with tabs
 * between them.
 *
 * Written for Java 8, so that one compilation serves every JVM.
 */
public final class Take {
    public static void main(String[] args) throws Exception {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        while (true) {
            byte[] password;
            try {
                password = field(in);
            } catch (EOFException e) {
                return;
            }
            byte[] content = field(in);
            char[] word = password == null ? null : new String(password, StandardCharsets.UTF_8).toCharArray();
            StringBuilder line = new StringBuilder();
            int magic = content.length < 4 ? 0 : new DataInputStream(new ByteArrayInputStream(content)).readInt();
            if (magic == 0xfeedfeed) {
                store(line, "JKS", content, word);
            } else if (magic == 0xcececece) {
                store(line, "JCEKS", content, word);
            } else {
                factory(line, content);
                oneByOne(line, content);
                if (content.length > 0 && content[0] == 0x30) {
                    store(line, "PKCS12", content, word);
                }
            }
            out.println(line);
            out.flush();
        }
    }

    private static byte[] field(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    /** The whole file at once, as keytool -printcert and many a program reads it. */
    private static void factory(StringBuilder line, byte[] content) {
        List<Certificate> found = new ArrayList<>();
        Throwable failure = null;
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            found.addAll(factory.generateCertificates(new ByteArrayInputStream(content)));
        } catch (Throwable e) {
            failure = e;
        }
        add(line, "certificates", 0, failure, found);
    }

    /** Certificate after certificate, as keytool -importcert reads the first. */
    private static void oneByOne(StringBuilder line, byte[] content) {
        List<Certificate> found = new ArrayList<>();
        Throwable failure = null;
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            ByteArrayInputStream in = new ByteArrayInputStream(content);
            while (in.available() > 0 && found.size() < 10_000) {
                found.add(factory.generateCertificate(in));
            }
        } catch (Throwable e) {
            failure = e;
        }
        add(line, "certificate", 0, failure, found);
    }

    private static void store(StringBuilder line, String type, byte[] content, char[] password) {
        List<Certificate> found = new ArrayList<>();
        Throwable failure = null;
        int keys = 0;
        try {
            KeyStore store = KeyStore.getInstance(type);
            store.load(new ByteArrayInputStream(content), password);
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys++;
                    Certificate[] chain = store.getCertificateChain(alias);
                    Collections.addAll(found, chain == null ? new Certificate[0] : chain);
                } else {
                    found.add(store.getCertificate(alias));
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
        add(line, type, keys, failure, found);
    }

    private static void add(
            StringBuilder line, String way, int keys, Throwable failure, List<Certificate> found) {
        line.append(line.length() > 0 ? "\t\t" : "").append(way).append('\t').append(keys).append('\t');
        line.append(failure == null ? "-" : failure.toString().replaceAll("\\s+", " "));
        for (Certificate one : found) {
            try {
                line.append('\t').append(Base64.getEncoder().encodeToString(one.getEncoded()));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
