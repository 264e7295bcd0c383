// An endpoint that takes the gateway's deliveries, in Java 17 with nothing but the JDK. It verifies the gateway's
// signature (RFC 9421, Ed25519), so that what it keeps is proof of origin.
//
//   java Receiver.java --p12 endpoint.p12 --password ... --client-ca client-ca.pem --gateway-key BASE64URL --store FOLDER
//
// --gateway-key is the member x of the key that GET /v1/keys tells. It takes connections that show a certificate of
// --client-ca, verifies digest and signature, knows a repetition by its Idempotency-Key, does not let what is out of
// date replace what it holds, and says that it has a delivery only once it is on disk. The JDK has no JSON reader, so
// members are found by pattern; use your JSON library in its place.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

public class Receiver {
    static final String USAGE = """
        java Receiver.java --p12 FILE --password WORD --client-ca FILE --gateway-key KEY --store FOLDER [--port PORT]
          --p12 FILE         the endpoint's certificate and its private key, PKCS#12
          --client-ca FILE   the authority of the gateway's client certificate, PEM
          --gateway-key KEY  member x of the key that GET /v1/keys tells
          --store FOLDER     a folder, made where there is none: a file for each delivery, and one for its proof
          --port PORT        any free one where it is left out""";
    /** What the gateway's signature must cover; a signature over less would prove less. */
    static final List<String> NEEDED = List.of("@method", "@target-uri", "content-type", "content-digest",
        "idempotency-key", "jetway-delivery", "jetway-kind", "jetway-sequence", "jetway-type", "ledger-index");
    /** Clocks differ, and a signature ends five seconds after it was made. */
    static final long TOLERANCE_SECONDS = 60;
    static final int MAX_BYTES = 16 * 1024 * 1024;
    static final Pattern INPUT = Pattern.compile("jetway=(\\(([^)]*)\\)(;[!-~ ]*))");

    final Path store;
    final PublicKey gatewayKey;
    /** The highest sequence held of each record: of your database, in a real system. */
    final Map<String, Long> highest = new HashMap<>();

    Receiver(Path store, PublicKey gatewayKey) throws IOException {
        this.store = Files.createDirectories(store);
        this.gatewayKey = gatewayKey;
        try (var files = Files.list(store)) {
            for (Path one : files.filter(file -> file.toString().endsWith(".json")).toList()) {
                Path head = Path.of(one.toString().replace(".json", ".head"));
                note(Files.readString(head), Files.readString(one));
            }
        }
    }

    void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BYTES + 1);
            if (body.length > MAX_BYTES) {
                answer(exchange, 413, "{}");
                return;
            }
            String base = verified(exchange, body);
            if (base == null) {
                // whether the key is the wrong one or the message was changed: nothing of it is taken
                answer(exchange, 401, "{\"code\":\"SIGNATURE_WRONG\"}");
                return;
            }
            String id = field(exchange, "Jetway-Delivery");
            if (!id.matches("[0-9a-f-]{36}") || !id.equals(field(exchange, "Idempotency-Key"))) {
                answer(exchange, 400, "{\"code\":\"HEADERS_MALFORMED\"}");
                return;
            }
            String proof = base + "\n" + field(exchange, "Signature") + "\n";
            String status;
            try {
                status = take(id, proof, body);
            } catch (IOException full) {
                exchange.getResponseHeaders().set("Retry-After", "30");
                answer(exchange, 503, "{}"); // not taken: the gateway tries again
                return;
            }
            answer(exchange, 200, "{\"delivery\":\"" + id + "\",\"status\":\"" + status + "\"}");
            System.out.println(status + " " + id + " " + field(exchange, "Jetway-Kind") + " "
                + field(exchange, "Jetway-Type"));
        } catch (RuntimeException | java.security.GeneralSecurityException malformed) {
            answer(exchange, 400, "{\"code\":\"DELIVERY_MALFORMED\"}");
        }
    }

    /** The signature base (RFC 9421 section 2.5), to be kept with the signature; null where it is not the gateway's. */
    String verified(HttpExchange exchange, byte[] body) throws java.security.GeneralSecurityException {
        String digest = "sha-256=:" + base64(MessageDigest.getInstance("SHA-256").digest(body)) + ":";
        if (!digest.equals(field(exchange, "Content-Digest"))) return null;
        Matcher input = INPUT.matcher(field(exchange, "Signature-Input"));
        Matcher signature = Pattern.compile("jetway=:([A-Za-z0-9+/=]+):").matcher(field(exchange, "Signature"));
        if (!input.matches() || !signature.matches()) return null;
        String parameters = input.group(3);
        if (!parameters.contains(";tag=\"jetway-delivery\"") || !parameters.contains(";alg=\"ed25519\"")) return null;
        long now = Instant.now().getEpochSecond();
        if (number(parameters, "created") > now + TOLERANCE_SECONDS) return null;
        if (number(parameters, "expires") <= now - TOLERANCE_SECONDS) return null;
        List<String> covered = new ArrayList<>();
        StringBuilder base = new StringBuilder();
        for (String quoted : input.group(2).split(" ")) {
            String name = quoted.substring(1, quoted.length() - 1);
            covered.add(name);
            String value = switch (name) {
                case "@method" -> exchange.getRequestMethod();
                case "@target-uri" -> "https://" + field(exchange, "Host") + exchange.getRequestURI();
                default -> field(exchange, name);
            };
            base.append(quoted).append(": ").append(value).append('\n');
        }
        if (!covered.containsAll(NEEDED) || Set.copyOf(covered).size() != covered.size()) return null;
        base.append("\"@signature-params\": ").append(input.group(1));
        Signature verifying = Signature.getInstance("Ed25519");
        verifying.initVerify(gatewayKey);
        verifying.update(base.toString().getBytes(StandardCharsets.UTF_8));
        return verifying.verify(Base64.getDecoder().decode(signature.group(1))) ? base.toString() : null;
    }

    /** received, repeated or outdated; on disk when this returns. */
    synchronized String take(String id, String proof, byte[] body) throws IOException {
        Path file = store.resolve(id + ".json");
        // by the key alone: each attempt is decided anew, so that its content may be another
        if (Files.exists(file)) return "repeated";
        write(store.resolve(id + ".head"), proof.getBytes(StandardCharsets.UTF_8));
        write(file, body);
        return note(proof, new String(body, StandardCharsets.UTF_8)) ? "received" : "outdated";
    }

    /** False for what something newer has overtaken. Messages, reports and answers each stand by themselves. */
    boolean note(String head, String body) {
        String kind = line(head, "jetway-kind");
        if (!kind.equals("record") && !kind.equals("retraction")) return true;
        // the members of the head come before any content
        String about = text(body, "client") + " " + text(body, "sender") + " " + line(head, "jetway-type").split("/")[0];
        long sequence = Long.parseLong(line(head, "jetway-sequence"));
        if (sequence <= highest.getOrDefault(about, 0L)) return false;
        highest.put(about, sequence);
        return true;
    }

    static void write(Path file, byte[] content) throws IOException {
        Path partial = Path.of(file + ".partial");
        Files.write(partial, content);
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }

    static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    static String field(HttpExchange exchange, String name) {
        List<String> lines = exchange.getRequestHeaders().get(name);
        return lines == null ? "" : String.join(", ", lines);
    }

    static long number(String parameters, String name) {
        Matcher found = Pattern.compile(";" + name + "=(\\d{1,15})").matcher(parameters);
        if (!found.find()) throw new IllegalArgumentException(name);
        return Long.parseLong(found.group(1));
    }

    static String line(String base, String name) {
        Matcher found = Pattern.compile("^\"" + name + "\": (.*)$", Pattern.MULTILINE).matcher(base);
        return found.find() ? found.group(1) : "";
    }

    static String text(String json, String member) {
        Matcher found = Pattern.compile("\"" + member + "\"\\s*:\\s*\"([^\"\\\\]*)\"").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** From the 32 bytes of a JWK's `x` (RFC 8037, RFC 8032 section 5.1.2): little-endian, the sign of x on top. */
    static PublicKey ed25519(String x) throws java.security.GeneralSecurityException {
        byte[] bytes = x.matches("[A-Za-z0-9_-]{43}") ? Base64.getUrlDecoder().decode(x) : new byte[0];
        if (bytes.length != 32) throw new IllegalArgumentException("--gateway-key must be the member x of an Ed25519 key");
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) reversed[i] = bytes[bytes.length - 1 - i];
        boolean isOdd = (reversed[0] & 0x80) != 0;
        reversed[0] &= 0x7f;
        EdECPoint point = new EdECPoint(isOdd, new BigInteger(1, reversed));
        return KeyFactory.getInstance("Ed25519").generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    }

    static SSLContext tls(String clientCa, String p12, char[] password) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var input = Files.newInputStream(Path.of(clientCa))) {
            for (var one : CertificateFactory.getInstance("X.509").generateCertificates(input)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), one);
            }
        } catch (IOException | CertificateException none) {
            // said below
        }
        if (trusted.size() == 0) throw new IllegalArgumentException(clientCa + " holds no certificate");
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (var input = Files.newInputStream(Path.of(p12))) {
            own.load(input, password);
        } catch (IOException no) {
            throw new IllegalArgumentException(p12 + " is no PKCS#12 file, or --password is not its password");
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] words) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of("port", "0"));
        for (int i = 0; i + 1 < words.length; i += 2) options.put(words[i].replaceFirst("^--", ""), words[i + 1]);
        if (List.of(words).contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        if (!options.keySet().containsAll(List.of("p12", "password", "client-ca", "gateway-key", "store"))) {
            System.err.println(USAGE);
            System.exit(2);
        }
        try {
            start(options);
        } catch (IllegalArgumentException unusable) {
            System.err.println(unusable.getMessage());
            System.exit(2);
        } catch (IOException no) {
            System.err.println("--store or --port cannot be used: " + no);
            System.exit(2);
        }
    }

    static void start(Map<String, String> options) throws Exception {
        Receiver receiver = new Receiver(Path.of(options.get("store")), ed25519(options.get("gateway-key")));
        SSLContext tls = tls(options.get("client-ca"), options.get("p12"), options.get("password").toCharArray());
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(options.get("port")));
        HttpsServer server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters mutual = getSSLContext().getDefaultSSLParameters();
                mutual.setNeedClientAuth(true);
                parameters.setSSLParameters(mutual);
            }
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", receiver::handle);
        server.start();
        System.out.println("listening on https://localhost:" + server.getAddress().getPort());
    }
}
