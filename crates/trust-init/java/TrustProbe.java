import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Connects to a server as this JVM does by default and says whether it trusts it. `trust-init doctor
 * --ask` carries the compiled class.
 *
 * <p>Arguments: milliseconds, host, port, proxy, and the steps that start TLS. The proxy is "default"
 * (what the JVM's properties say, as HttpsURLConnection reads them), "direct", or HOST:PORT, with its
 * header in the variable TRUST_INIT_PROXY_HEADER. Nothing is sent but these, and the handshake.
 */
public final class TrustProbe {
    private static final int LONGEST_LINE = 2000;

    public static void main(String[] args) {
        say("version", System.getProperty("java.version") + ", " + System.getProperty("java.vendor"));
        SSLContext context;
        try {
            context = SSLContext.getDefault();
        } catch (GeneralSecurityException | RuntimeException error) {
            say("refuses", words(error));
            return;
        }
        try (Socket socket = connect(args)) {
            for (String step : Arrays.copyOfRange(args, 4, args.length)) {
                take(step, socket);
            }
            shakeHands(context, socket, args[1], Integer.parseInt(args[2]));
            say("trusts", "");
        } catch (IOException | RuntimeException error) {
            say(isAboutTrust(error) ? "refuses" : "fails", words(error));
        }
    }

    private static void shakeHands(SSLContext context, Socket socket, String host, int port)
            throws IOException {
        try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
            tls.startHandshake();
        }
    }

    private static Socket connect(String[] args) throws IOException {
        int limit = Integer.parseInt(args[0]);
        String host = args[1];
        int port = Integer.parseInt(args[2]);
        InetSocketAddress proxy = proxy(args[3], host, port);
        Socket socket = new Socket(Proxy.NO_PROXY);
        socket.connect(proxy == null ? new InetSocketAddress(host, port) : proxy, limit);
        socket.setSoTimeout(limit);
        if (proxy != null) {
            tunnel(socket, (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port);
        }
        return socket;
    }

    private static InetSocketAddress proxy(String named, String host, int port) throws IOException {
        if (named.equals("direct")) {
            return null;
        }
        if (!named.equals("default")) {
            int colon = named.lastIndexOf(':');
            String name = named.substring(0, colon).replace("[", "").replace("]", "");
            return new InetSocketAddress(name, Integer.parseInt(named.substring(colon + 1)));
        }
        String address = host.indexOf(':') < 0 ? host : "[" + host + "]";
        Proxy proxy = ProxySelector.getDefault().select(URI.create("https://" + address + ":" + port + "/")).get(0);
        if (proxy.type() == Proxy.Type.SOCKS) {
            throw new IOException("the JVM's properties name a SOCKS proxy, which this probe does not use");
        }
        if (proxy.type() == Proxy.Type.DIRECT) {
            return null;
        }
        InetSocketAddress unresolved = (InetSocketAddress) proxy.address();
        return new InetSocketAddress(unresolved.getHostString(), unresolved.getPort());
    }

    private static void tunnel(Socket socket, String authority) throws IOException {
        String header = System.getenv("TRUST_INIT_PROXY_HEADER");
        String request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n"
                + (header == null ? "" : header + "\r\n") + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        String status = line(socket.getInputStream());
        for (String line = status; !line.isEmpty(); line = line(socket.getInputStream())) {
            // The rest of the answer's head.
        }
        if (!status.matches("HTTP/\\S+ 2.*")) {
            throw new IOException("the proxy answers: " + status);
        }
    }

    /** Takes one step of those that start TLS: what to send, or what the server has to say. */
    private static void take(String step, Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        String argument = step.substring(step.indexOf(':') + 1);
        byte[] bytes = new byte[argument.length() / 2];
        if (!step.startsWith("reply:")) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) Integer.parseInt(argument.substring(2 * i, 2 * i + 2), 16);
            }
        }
        boolean isExpected = true;
        if (step.startsWith("send:")) {
            socket.getOutputStream().write(bytes);
        } else if (step.startsWith("exactly:")) {
            byte[] answer = new byte[bytes.length];
            in.readFully(answer);
            isExpected = Arrays.equals(answer, bytes);
        } else if (step.startsWith("within:")) {
            byte[] answer = new byte[256];
            int length = Math.max(in.read(answer), 0);
            isExpected = new String(answer, 0, length, StandardCharsets.ISO_8859_1)
                    .contains(new String(bytes, StandardCharsets.ISO_8859_1));
        } else if (step.startsWith("reply:")) {
            String line;
            do {
                line = line(in);
                isExpected &= line.startsWith(argument);
            } while (isExpected && line.startsWith("-", argument.length()));
        } else {
            // A packet of MySQL: its length in three bytes, a number, and the rest.
            int length = in.read() | in.read() << 8 | in.read() << 16;
            in.readFully(new byte[length + 1]);
        }
        if (!isExpected) {
            throw new IOException("the server does not start TLS");
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.size() > LONGEST_LINE) {
                throw new EOFException("the connection was closed before TLS");
            }
            line.write(next);
        }
        return new String(line.toByteArray(), StandardCharsets.ISO_8859_1).trim();
    }

    /** Whether the certificates or the store are what is wrong. */
    private static boolean isAboutTrust(Throwable error) {
        for (Throwable one = error; one != null; one = one.getCause()) {
            // CertificateException, CertPathValidatorException, KeyStoreException, no trust anchors.
            if (one instanceof GeneralSecurityException
                    && (one.getClass().getName().startsWith("java.security.cert.")
                            || one instanceof java.security.cert.CertificateException
                            || one instanceof java.security.KeyStoreException
                            || one instanceof java.security.InvalidAlgorithmParameterException)) {
                return true;
            }
        }
        return false;
    }

    private static String words(Throwable error) {
        StringBuilder words = new StringBuilder();
        String last = "";
        for (Throwable one = error; one != null; one = one.getCause()) {
            String message = String.valueOf(one.getMessage());
            // A cause's words are often the end of those of its effect.
            if (!last.endsWith(message)) {
                words.append(words.length() == 0 ? "" : ": ").append(one.getClass().getSimpleName()).append(": ").append(message);
            }
            last = message;
        }
        return words.toString();
    }

    private static void say(String word, String words) {
        System.out.println("trust-init: " + word + " " + words.replaceAll("\\s+", " "));
    }
}
