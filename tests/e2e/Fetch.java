import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/** What this JVM makes of a URL: "accepted", or the errors, outermost first. */
public final class Fetch {
    public static String get(String url) {
        try {
            HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
            connection.setConnectTimeout(20_000);
            connection.setReadTimeout(20_000);
            try (InputStream body = connection.getInputStream()) {
                return connection.getResponseCode() == 200 ? "accepted" : "HTTP " + connection.getResponseCode();
            }
        } catch (Throwable error) {
            StringBuilder said = new StringBuilder();
            for (Throwable one = error; one != null; one = one.getCause()) {
                said.append(one).append(" / ");
            }
            return said.toString();
        }
    }

    /** The executor that this JVM is, by its own command line; empty for a driver. */
    public static String executor() {
        String[] words = System.getProperty("sun.java.command", "").split(" ");
        for (int i = 0; i + 1 < words.length; i++) {
            if (words[i].equals("--executor-id")) {
                return words[i + 1];
            }
        }
        return "";
    }
}
