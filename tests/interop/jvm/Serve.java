import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A server of TLS 1.2 on loopback, with a PKCS#12 and its password. Prints its port. */
public class Serve {
    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\nserved\n"
                    .getBytes(StandardCharsets.US_ASCII);

    public static void main(String[] args) throws Exception {
        char[] password = args[1].toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = new FileInputStream(args[0])) {
            store.load(file, password);
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket server =
                (SSLServerSocket)
                        context.getServerSocketFactory()
                                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        server.setEnabledProtocols(new String[] {"TLSv1.2"});
        System.out.println(server.getLocalPort());
        while (true) {
            SSLSocket connection = (SSLSocket) server.accept();
            Thread thread = new Thread(() -> answer(connection));
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void answer(SSLSocket connection) {
        try (SSLSocket open = connection) {
            open.getInputStream().read(new byte[4096]);
            open.getOutputStream().write(ANSWER);
        } catch (IOException refused) {
            // A client that refuses the server is what it is for.
        }
    }
}
