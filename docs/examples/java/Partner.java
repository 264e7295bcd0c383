// A partner of the gateway in Java 17, with nothing but the JDK: trace, pull, send, take what waits in the inbox, follow
// the changes feed. An example to start from: read it, copy what you need. The JDK has no JSON reader, so this one
// finds the few members that it needs by pattern; use your JSON library in its place.
//
//   java Partner.java --gateway https://localhost:8443 --ca ca.pem --p12 X81001.p12 --password sandbox whoami
//   ... trace trace.json   ... pull c_... social-care-summary   ... send c_... referral.json   ... inbox   ... changes cursor.txt
//
// Personal data goes to standard output and nowhere else. Exit code: 0 done, 1 refused or not reached, 2 the arguments
// or files cannot be used.

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;

public class Partner {
    static final int ATTEMPTS = 5;
    static final String USAGE = """
        java Partner.java --gateway URL --ca FILE --p12 FILE --password WORD [--purpose CODE] DOES
          --gateway URL    the exchange door, for example https://localhost:8443
          --ca FILE        the authority of the gateway's certificate, PEM
          --p12 FILE       your client certificate and its private key, PKCS#12
          --purpose CODE   purpose of use; TREAT where it is left out
        DOES is one of
          whoami           who the gateway takes you for
          trace FILE       your own id for the person; FILE is the body of a trace, JSON
          pull CLIENT TYPE a record: CLIENT is your own id for the person, TYPE for example social-care-summary
          send CLIENT FILE sends the message in FILE, JSON, which names its schema
          inbox            takes what waits and acknowledges it; --answer accepted, rejected or done answers messages
          changes FILE     what has changed since the cursor in FILE, which need not exist yet; --wait SECONDS""";

    /** How many words stand behind each. */
    static final Map<String, Integer> DOES =
        Map.of("whoami", 0, "trace", 1, "pull", 2, "send", 2, "inbox", 0, "changes", 1);

    /** An argument or a file of ours; nothing was sent. */
    static class Unusable extends RuntimeException {
        Unusable(String what) { super(what); }
    }

    /** The gateway said no. `code` is stable: branch on it. */
    static class Refused extends RuntimeException {
        final int status;
        final String code;

        Refused(int status, String problem) {
            super(status + " " + problem);
            this.status = status;
            this.code = text(problem, "code");
        }
    }

    final HttpClient http;
    final String gateway;
    final String purpose;

    Partner(Map<String, String> options) throws Exception {
        gateway = options.get("gateway");
        purpose = options.getOrDefault("purpose", "TREAT");
        http = HttpClient.newBuilder()
            .sslContext(tls(options.get("ca"), options.get("p12"), options.get("password").toCharArray()))
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    }

    /** Trusts that authority and no other, and shows the certificate of the PKCS#12 file. */
    static SSLContext tls(String caFile, String p12File, char[] password) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var input = new ByteArrayInputStream(read(caFile))) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(input)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), one);
            }
        } catch (CertificateException none) {
            // said below
        }
        if (trusted.size() == 0) throw new Unusable(caFile + " holds no certificate");
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (var input = new ByteArrayInputStream(read(p12File))) {
            own.load(input, password);
        } catch (IOException no) {
            throw new Unusable(p12File + " is no PKCS#12 file, or --password is not its password");
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** One call, repeated where that is safe: a write bears the same Idempotency-Key each time. */
    HttpResponse<String> call(String method, String path, String body, Map<String, String> fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway + path))
            .timeout(Duration.ofSeconds(60)) // longer than the gateway waits with us
            .header("Accept", "application/json")
            .method(method, body == null
                ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        Map<String, String> headers = new HashMap<>(fields);
        if (!method.equals("GET")) {
            headers.putIfAbsent("Idempotency-Key", UUID.randomUUID().toString());
            headers.put("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        for (int attempt = 1; ; attempt++) {
            double wait = 0.25 * Math.pow(2, attempt);
            try {
                var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                int status = answer.statusCode();
                if ((status != 429 && status != 503) || attempt == ATTEMPTS) {
                    if (status >= 400) throw new Refused(status, answer.body());
                    return answer;
                }
                wait = Math.max(wait, Double.parseDouble(answer.headers().firstValue("Retry-After").orElse("0")));
            } catch (SSLHandshakeException another) {
                throw another; // another server than the one that we mean; asking again makes it no better
            } catch (IOException lost) {
                if (attempt == ATTEMPTS) throw lost;
            }
            Thread.sleep((long) (Math.min(wait, 60) * 1000));
        }
    }

    /** Your own id for the person; keep it. No later address carries personal data. */
    String trace(String identity) throws Exception {
        return text(call("POST", "/v1/clients/trace", identity, Map.of()).body(), "client");
    }

    /** With If-None-Match and the ETag that you hold, 304 says that it is still right. */
    HttpResponse<String> pull(String client, String recordType) throws Exception {
        return call("GET", "/v1/clients/" + client + "/records/" + recordType, null, Map.of("Purpose-Of-Use", purpose));
    }

    /** Accepted: it will be delivered, or a report tells you why not. */
    String send(String client, String message) throws Exception {
        String type = text(message, "schema").split("/")[0];
        if (type.isEmpty()) throw new Unusable("a message names its schema, for example referral/v1");
        String path = "/v1/clients/" + client + "/messages/" + type;
        return call("POST", path, message, Map.of("Purpose-Of-Use", purpose)).body();
    }

    /**
     * One pass. A delivery is acknowledged once it is where it is safe, and then not given again; after a crash before
     * that it comes again, under the same id.
     */
    void takeInbox(String answer) throws Exception {
        for (String after = ""; ; ) {
            String page = call("GET", "/v1/inbox" + query(after), null, Map.of()).body();
            for (String id : texts(page, "id")) {
                String delivery;
                try {
                    delivery = call("GET", "/v1/inbox/" + id, null, Map.of()).body();
                } catch (Refused no) {
                    if (no.status != 403 && no.status != 404 && no.status != 410) throw no;
                    System.err.println(id + ": " + no.code); // refused or ended; its sender hears of it
                    continue;
                }
                take(delivery);
                if (!answer.isEmpty() && text(delivery, "kind").equals("message")) tell(id, answer);
                call("POST", "/v1/inbox/" + id + "/acknowledgement", null, Map.of("Idempotency-Key", "ack-" + id));
            }
            after = text(page, "next");
            if (after.isEmpty()) return;
        }
    }

    /** Before the acknowledgement, under a key that is the same after a crash. */
    void tell(String id, String status) throws Exception {
        try {
            call("POST", "/v1/inbox/" + id + "/answer", "{\"status\":\"" + status + "\"}",
                Map.of("Idempotency-Key", status + "-" + id));
        } catch (Refused no) {
            if (!no.code.equals("DELIVERY_STATE_CONFLICT")) throw no; // answered before
        }
    }

    /** One pass. The cursor is kept after the page was taken: a crash repeats a page and misses none. */
    void takeChanges(Path cursorFile, String waitSeconds) throws Exception {
        String cursor = Files.exists(cursorFile) ? new String(read(cursorFile.toString()), StandardCharsets.UTF_8) : "";
        for (boolean more = true; more; ) {
            String page;
            try {
                page = call("GET", "/v1/changes" + query(cursor), null,
                    Map.of("Purpose-Of-Use", purpose, "Prefer", "wait=" + waitSeconds)).body();
            } catch (Refused no) {
                if (!no.code.equals("CURSOR_GONE") || cursor.isEmpty()) throw no;
                cursor = ""; // the gateway has another log: everybody is listed again
                continue;
            }
            take(page);
            cursor = text(page, "next");
            more = page.contains("\"more\":true");
            Path partial = Path.of(cursorFile + ".partial");
            Files.writeString(partial, cursor);
            Files.move(partial, cursorFile, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Yours puts it where it is safe before it returns. */
    static void take(String value) {
        System.out.println(value.replace('\n', ' '));
        System.out.flush();
    }

    static byte[] read(String path) {
        try {
            return Files.readAllBytes(Path.of(path));
        } catch (IOException no) {
            throw new Unusable(path + " cannot be read");
        }
    }

    static String query(String after) {
        return after.isEmpty() ? "" : "?after=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
    }

    static String text(String json, String member) {
        List<String> found = texts(json, member);
        return found.isEmpty() ? "" : found.get(0);
    }

    /** Ids, codes and cursors have no escapes. The first stands before any content. */
    static List<String> texts(String json, String member) {
        Matcher found = Pattern.compile("\"" + member + "\"\\s*:\\s*\"([^\"\\\\]*)\"").matcher(json);
        List<String> values = new ArrayList<>();
        while (found.find()) values.add(found.group(1));
        return values;
    }

    public static void main(String[] words) throws Exception {
        Map<String, String> options = new HashMap<>();
        if (List.of(words).contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        int at = 0;
        for (; at + 1 < words.length && words[at].startsWith("--"); at += 2) {
            options.put(words[at].substring(2), words[at + 1]);
        }
        List<String> what = List.of(words).subList(at, words.length);
        boolean isWhole = !what.isEmpty() && DOES.getOrDefault(what.get(0), -1) == what.size() - 1
            && options.keySet().containsAll(List.of("gateway", "ca", "p12", "password"))
            && options.get("gateway").startsWith("https://");
        if (!isWhole) {
            System.err.println(USAGE);
            System.exit(2);
        }
        try {
            Partner partner = new Partner(options);
            switch (what.get(0)) {
                case "whoami" -> take(partner.call("GET", "/v1/whoami", null, Map.of()).body());
                case "trace" -> take(partner.trace(new String(read(what.get(1)), StandardCharsets.UTF_8)));
                case "pull" -> take(partner.pull(what.get(1), what.get(2)).body());
                case "send" -> take(partner.send(what.get(1), new String(read(what.get(2)), StandardCharsets.UTF_8)));
                case "inbox" -> partner.takeInbox(options.getOrDefault("answer", ""));
                case "changes" -> partner.takeChanges(Path.of(what.get(1)), options.getOrDefault("wait", "20"));
                default -> throw new IllegalArgumentException(what.get(0));
            }
        } catch (Refused no) {
            System.err.println("refused: " + no.getMessage());
            System.exit(1);
        } catch (Unusable no) {
            System.err.println(no.getMessage());
            System.exit(2);
        } catch (IOException lost) {
            System.err.println("not done: " + lost);
            System.exit(1);
        }
    }
}
