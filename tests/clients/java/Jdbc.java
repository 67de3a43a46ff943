import java.sql.DriverManager;

/** [PARAMETER] URL: pgjdbc with sslmode=verify-full, the parameter, and that of the file in LINE_OF_CONFIGURATION. */
public class Jdbc {
    public static void main(String[] arguments) throws Exception {
        String peer = arguments[arguments.length - 1].replace("https://", "");
        String more = arguments.length > 1 ? arguments[0] : Line.ofConfiguration();
        DriverManager.setLoginTimeout(20);
        DriverManager.getConnection("jdbc:postgresql://" + peer + "base?user=user&sslmode=verify-full&" + more);
    }
}
