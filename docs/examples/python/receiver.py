"""An endpoint that takes the gateway's deliveries, in Python 3.9 or newer with nothing but its standard library.

  python3 receiver.py --cert endpoint.pem --key endpoint.key --client-ca client-ca.pem --store deliveries.db

It takes connections that show a certificate of --client-ca, checks each body against its Content-Digest, knows a
repetition by its Idempotency-Key, does not let what is out of date replace what it holds, and says that it has a
delivery only once it is on disk. It does NOT verify the gateway's signature, since the standard library has no
Ed25519: Receiver.java beside this does, and docs/integrating.md shows it with openssl. Who posts here is known all
the same, by the client certificate; what is missing is proof for others. What it needs for that is kept.
"""
import argparse
import base64
import hashlib
import http.server
import json
import socketserver
import sqlite3
import ssl
import sys
import threading

MAX_BYTES = 16 * 1024 * 1024
TABLES = """
create table if not exists deliveries (id text primary key, kind text, about text, sequence integer, state text,
  head text, body blob);
create index if not exists deliveries_about on deliveries (about, sequence);
"""


def about_whom(kind, type_, body):
    """What a later delivery of the same would replace: this person's record of this type from this sender."""
    if kind not in ("record", "retraction"):
        return None  # messages, reports and answers stand by themselves
    value = json.loads(body)
    return json.dumps([value["client"], value["sender"], type_.split("/")[0]])


class Store:
    def __init__(self, path):
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.execute("pragma synchronous = full")
        self.database.executescript(TABLES)
        self.lock = threading.Lock()

    def take(self, headers, body):
        """received, repeated or outdated; committed when this returns."""
        delivery_id, kind = headers["Jetway-Delivery"], headers["Jetway-Kind"]
        sequence = int(headers["Jetway-Sequence"])
        about = about_whom(kind, headers["Jetway-Type"], body)
        with self.lock, self.database:
            one = lambda sql, *values: self.database.execute(sql, values).fetchone()
            if one("select 1 from deliveries where id = ?", delivery_id):
                return "repeated"
            newer = one("select 1 from deliveries where about = ? and sequence >= ?", about, sequence)
            state = "outdated" if newer else "received"
            row = (delivery_id, kind, about, sequence, state, json.dumps(headers.items()), body)
            self.database.execute("insert into deliveries values (?, ?, ?, ?, ?, ?, ?)", row)
            return state


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept alive
    timeout = 700  # longer than the gateway keeps one

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BYTES:
            self.close_connection = True
            return self.answer(413 if length.isdigit() else 411, {})
        body = self.rfile.read(int(length))
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if self.headers.get("Content-Digest") != f"sha-256=:{digest}:":
            return self.answer(400, {"code": "DIGEST_WRONG"})
        delivery_id = self.headers.get("Jetway-Delivery")
        if delivery_id is None or delivery_id != self.headers.get("Idempotency-Key"):
            return self.answer(400, {"code": "HEADERS_MALFORMED"})
        try:
            status = self.server.store.take(self.headers, body)
        except sqlite3.Error:
            # not taken: the gateway tries again
            return self.answer(503, {}, {"Retry-After": "30"})
        except (KeyError, TypeError, ValueError):
            return self.answer(400, {"code": "DELIVERY_MALFORMED"})
        self.answer(200, {"delivery": delivery_id, "status": status})
        print(status, delivery_id, self.headers["Jetway-Kind"], self.headers["Jetway-Type"], flush=True)

    def answer(self, status, value, fields=None):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, field in (fields or {}).items():
            self.send_header(name, field)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing of what comes in goes into a log."""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, address, tls, store):
        super().__init__(address, Receiver)
        self.tls = tls
        self.store = store

    def finish_request(self, request, client_address):
        # in the connection's own thread, so that a slow handshake keeps nobody else waiting
        request.settimeout(10)
        try:
            with self.tls.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError:
            pass  # no certificate, another authority's, or broken off

    def shutdown_request(self, request):
        self.close_request(request)


class Unusable(Exception):
    """An argument or a file; nothing listens yet."""


def tls_of(cert, key, client_ca):
    for path in (cert, key, client_ca):
        try:
            open(path, "rb").close()  # or what follows would not say which is missing
        except OSError as no:
            raise Unusable(f"{path}: {no.strerror}")
    try:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_ca)
    except OSError:
        raise Unusable(f"{client_ca} holds no certificate")
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.verify_mode = ssl.CERT_REQUIRED
    try:
        tls.load_cert_chain(cert, key)
    except OSError:
        raise Unusable(f"{cert} and {key} are no certificate and its private key")
    return tls


def main():
    parser = argparse.ArgumentParser(description="An endpoint that takes the gateway's deliveries. Ctrl-C ends it.")
    parser.add_argument("--cert", required=True, help="file: the endpoint's certificate, PEM")
    parser.add_argument("--key", required=True, help="file: its private key, PEM")
    parser.add_argument("--client-ca", required=True, help="file: the authority of the gateway's client certificate, PEM")
    parser.add_argument("--store", required=True, metavar="FILE", help="an SQLite file; made where there is none")
    parser.add_argument("--host", default="127.0.0.1", help="127.0.0.1 where it is left out")
    parser.add_argument("--port", type=int, default=0, help="any free one where it is left out")
    typed = parser.parse_args()
    tls = tls_of(typed.cert, typed.key, typed.client_ca)
    try:
        store = Store(typed.store)
    except sqlite3.Error as no:
        raise Unusable(f"--store {typed.store} must be an SQLite file: {no}")
    try:
        server = Server((typed.host, typed.port), tls, store)
    except (OSError, OverflowError) as no:
        raise Unusable(f"cannot listen at {typed.host}, port {typed.port}: {no}")
    print(f"listening on https://localhost:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except Unusable as unusable:
        print(unusable, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        pass
