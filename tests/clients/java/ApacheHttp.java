import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;

public class ApacheHttp {
    public static void main(String[] arguments) throws Exception {
        try (CloseableHttpClient client = HttpClients.createDefault()) {
            client.execute(new HttpGet(arguments[0])).close();
        }
    }
}
