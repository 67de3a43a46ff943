import java.sql.DriverManager;

/** pgjdbc with sslmode=verify-full, and with the parameters of the file in LINE_OF_CONFIGURATION, if it is set. */
public class Jdbc {
    public static void main(String[] arguments) throws Exception {
        String peer = arguments[0].replace("https://", "");
        String more = Line.ofConfiguration();
        DriverManager.setLoginTimeout(20);
        DriverManager.getConnection("jdbc:postgresql://" + peer + "base?user=user&sslmode=verify-full&" + more);
    }
}
