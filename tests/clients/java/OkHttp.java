import okhttp3.OkHttpClient;
import okhttp3.Request;

public class OkHttp {
    public static void main(String[] arguments) throws Exception {
        Request request = new Request.Builder().url(arguments[0]).build();
        new OkHttpClient().newCall(request).execute().close();
        System.exit(0); // It keeps a thread for its connections.
    }
}
