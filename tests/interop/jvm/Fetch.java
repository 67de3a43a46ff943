import java.io.InputStream;
import java.net.URL;

/** Fetches the URL that it is given; written for Java 8, as TrustProbe is. */
public final class Fetch {
    public static void main(String[] args) throws Exception {
        try (InputStream answer = new URL(args[0]).openStream()) {
            while (answer.read() >= 0) {}
        }
    }
}
