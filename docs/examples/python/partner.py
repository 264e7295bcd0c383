"""A partner of the gateway in Python 3.9 or newer, with nothing but its standard library: trace, pull, send, take
what waits in the inbox, follow the changes feed. An example to start from: read it, copy what you need.

  python3 partner.py --gateway https://localhost:8443 --ca ca.pem --cert X81001.pem --key X81001.key whoami
  … trace trace.json
  … pull c_… social-care-summary
  … send c_… referral.json
  … inbox [--answer accepted]
  … changes cursor.json [--wait 20]

Personal data goes to standard output and nowhere else. Exit code: 0 done, 1 refused or not reached, with the problem
on standard error, 2 the arguments or files cannot be used.
"""
import argparse
import http.client
import json
import os
import ssl
import sys
import time
import urllib.parse
import uuid

ATTEMPTS = 5
TIMEOUT_SECONDS = 60  # longer than the gateway waits with us


class Refused(Exception):
    """The gateway said no. `code` is stable: branch on it."""

    def __init__(self, status, problem):
        self.status = status
        self.code = problem.get("code", "")
        super().__init__(f"{status} {self.code} {problem.get('detail', '')} {problem.get('errors', '')}".strip())


class Unusable(Exception):
    """An argument or a file of ours; nothing was sent."""


class Gateway:
    def __init__(self, url, ca, cert, key):
        self.address = urllib.parse.urlsplit(url)
        if self.address.scheme != "https" or not self.address.hostname:
            raise Unusable("--gateway must be a URL, for example https://localhost:8443")
        for file in (ca, cert, key):
            read(file)  # or the next two would not say which is missing
        try:
            self.tls = ssl.create_default_context(cafile=ca)  # trusts that authority and no other
        except OSError:
            raise Unusable(f"{ca} holds no certificate")
        try:
            self.tls.load_cert_chain(cert, key)
        except OSError:
            raise Unusable(f"{cert} and {key} are no certificate and its private key")
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        """One call, repeated where that is safe: a write bears the same Idempotency-Key each time."""
        headers = {"Accept": "application/json", **(headers or {})}
        if method != "GET":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
            headers["Content-Type"] = "application/json"
        for attempt in range(1, ATTEMPTS + 1):
            wait = 0.25 * 2**attempt
            try:
                status, fields, text = self.ask(method, path, body, headers)
            except ssl.SSLCertVerificationError:
                raise  # another server than the one that we mean; asking again makes it no better
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == ATTEMPTS:
                    raise
            else:
                if status not in (429, 503) or attempt == ATTEMPTS:
                    break
                wait = max(wait, float(fields.get("Retry-After", 0)))
            time.sleep(min(wait, 60))
        value = json.loads(text) if text else {}
        if status >= 400:
            raise Refused(status, value)
        return status, fields, value

    def ask(self, method, path, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                self.address.hostname, self.address.port or 443, timeout=TIMEOUT_SECONDS, context=self.tls
            )
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.will_close:
            self.connection.close()
            self.connection = None
        return answer.status, answer.headers, text


def trace(gateway, identity):
    """Your own id for the person; keep it. No later address carries personal data."""
    return gateway.call("POST", "/v1/clients/trace", identity)[2]["client"]


def pull(gateway, client, record_type, purpose, etag=None, custodian=None):
    """The ETag, and the record; None in its place where what you hold is still right (304)."""
    headers = {"Purpose-Of-Use": purpose, **({"If-None-Match": etag} if etag else {})}
    query = f"?custodian={custodian}" if custodian else ""
    status, fields, record = gateway.call("GET", f"/v1/clients/{client}/records/{record_type}{query}", None, headers)
    return fields["ETag"], None if status == 304 else record


def send(gateway, client, message, purpose):
    """Accepted: it will be delivered, or a report tells you why not."""
    try:
        message_type = json.loads(message)["schema"].split("/")[0]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unusable("a message is JSON and names its schema, for example referral/v1")
    path = f"/v1/clients/{client}/messages/{message_type}"
    return gateway.call("POST", path, message, {"Purpose-Of-Use": purpose})[2]


def take_inbox(gateway, take, answer=None):
    """One pass. `take` must have put the delivery where it is safe before it returns: then it is acknowledged, and
    not given again. After a crash before that it comes again, under the same id."""
    after = ""
    while after is not None:
        page = gateway.call("GET", "/v1/inbox" + (f"?after={urllib.parse.quote(after)}" if after else ""))[2]
        for entry in page["deliveries"]:
            delivery_id = entry["id"]
            try:
                delivery = gateway.call("GET", f"/v1/inbox/{delivery_id}")[2]
            except Refused as no:
                if no.status in (403, 404, 410):  # refused or ended; its sender hears of it
                    print(f"{delivery_id}: {no}", file=sys.stderr)
                    continue
                raise
            take(delivery)
            if answer and delivery["kind"] == "message":
                # before the acknowledgement, under a key that is the same after a crash
                tell(gateway, delivery_id, answer)
            gateway.call("POST", f"/v1/inbox/{delivery_id}/acknowledgement", None, {"Idempotency-Key": f"ack-{delivery_id}"})
        after = page["next"]


def tell(gateway, delivery_id, status):
    body = json.dumps({"status": status})
    try:
        gateway.call("POST", f"/v1/inbox/{delivery_id}/answer", body, {"Idempotency-Key": f"{status}-{delivery_id}"})
    except Refused as no:
        if no.code != "DELIVERY_STATE_CONFLICT":  # answered before
            raise


def take_changes(gateway, cursor_file, purpose, take, wait_seconds=20):
    """One pass. The cursor is kept after the page was taken: a crash repeats a page and misses none."""
    try:
        cursor = json.loads(read(cursor_file))["cursor"] if os.path.exists(cursor_file) else None
    except (ValueError, KeyError, TypeError):
        raise Unusable(f"{cursor_file} holds no cursor")
    more = True
    while more:
        query = f"?after={urllib.parse.quote(cursor)}" if cursor else ""
        headers = {"Purpose-Of-Use": purpose, "Prefer": f"wait={wait_seconds}"}
        try:
            page = gateway.call("GET", f"/v1/changes{query}", None, headers)[2]
        except Refused as no:
            if no.code != "CURSOR_GONE" or cursor is None:
                raise
            cursor = None  # the gateway has another log: everybody is listed again
            continue
        for change in page["changes"]:
            take(change)
        cursor, more = page["next"], page["more"]
        partial = f"{cursor_file}.partial"
        with open(partial, "w") as file:
            json.dump({"cursor": cursor}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, cursor_file)


def print_line(value):
    print(json.dumps(value, ensure_ascii=False), flush=True)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as no:
        raise Unusable(f"{path}: {no.strerror}")


# what each does with the words behind it
DOES = {
    "whoami": ("", "who the gateway takes you for"),
    "trace": ("FILE", "your own id for the person; FILE is the body of a trace, JSON"),
    "pull": ("CLIENT TYPE", "a record: CLIENT is your own id for the person, TYPE for example social-care-summary"),
    "send": ("CLIENT FILE", "sends the message in FILE, JSON, which names its schema"),
    "inbox": ("", "takes what waits, prints it and acknowledges it"),
    "changes": ("FILE", "what has changed since the cursor in FILE, which need not exist yet"),
}


def main():
    parser = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="A partner of the gateway. One of these:\n\n"
        + "\n".join(f"  {f'{does} {words}':17}  {says}" for does, (words, says) in DOES.items()),
    )
    parser.add_argument("--gateway", required=True, help="the exchange door, for example https://localhost:8443")
    parser.add_argument("--ca", required=True, help="file: the authority of the gateway's certificate, PEM")
    parser.add_argument("--cert", required=True, help="file: your client certificate, PEM")
    parser.add_argument("--key", required=True, help="file: its private key, PEM")
    parser.add_argument("--purpose", default="TREAT", help="purpose of use; TREAT where it is left out")
    parser.add_argument("--answer", help="answers each message of the inbox: accepted, rejected or done")
    parser.add_argument("--wait", type=int, default=20, help="seconds, for changes")
    parser.add_argument("does", choices=list(DOES), metavar="does", help="one of " + ", ".join(DOES))
    parser.add_argument("what", nargs="*", help="the words that it needs: see above")
    typed = parser.parse_args()
    words = DOES[typed.does][0]
    if len(typed.what) != len(words.split()):
        parser.error(f"{typed.does} is followed by {words or 'nothing'}")
    sys.stdout.reconfigure(encoding="utf-8")  # whatever the terminal says: names have all characters
    gateway = Gateway(typed.gateway, typed.ca, typed.cert, typed.key)
    what = typed.what
    if typed.does == "whoami":
        print_line(gateway.call("GET", "/v1/whoami")[2])
    elif typed.does == "trace":
        print_line({"client": trace(gateway, read(what[0]))})
    elif typed.does == "pull":
        print_line(pull(gateway, what[0], what[1], typed.purpose)[1])
    elif typed.does == "send":
        print_line(send(gateway, what[0], read(what[1]), typed.purpose))
    elif typed.does == "inbox":
        take_inbox(gateway, print_line, typed.answer)
    else:
        take_changes(gateway, what[0], typed.purpose, print_line, typed.wait)


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    except Unusable as unusable:
        print(unusable, file=sys.stderr)
        sys.exit(2)
    except ssl.SSLCertVerificationError as stranger:
        sys.exit(f"nothing was sent: the gateway's certificate is not trusted: {stranger.verify_message}")
    except (OSError, http.client.HTTPException) as lost:
        sys.exit(f"not done: {lost}")
    except KeyboardInterrupt:
        sys.exit(130)
