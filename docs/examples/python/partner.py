"""A partner of the gateway in Python 3.9 or newer, with nothing but its standard library: trace, pull, send, take
what waits in the inbox, follow the changes feed. An example to start from: read it, copy what you need.

  python3 partner.py --gateway https://localhost:8443 --ca ca.pem --cert X81001.pem --key X81001.key whoami
  … trace trace.json
  … pull c_… social-care-summary
  … send c_… referral.json
  … inbox [--answer accepted]
  … changes cursor.json [--wait 20]

Personal data goes to standard output and nowhere else. Exit code: 0 done, 1 refused, with the problem on standard
error.
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


class Gateway:
    def __init__(self, url, ca, cert, key):
        self.address = urllib.parse.urlsplit(url)
        self.tls = ssl.create_default_context(cafile=ca)  # trusts that authority and no other
        self.tls.load_cert_chain(cert, key)
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
    message_type = json.loads(message)["schema"].split("/")[0]
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
    cursor = json.load(open(cursor_file))["cursor"] if os.path.exists(cursor_file) else None
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
    print(json.dumps(value), flush=True)


def main():
    parser = argparse.ArgumentParser()
    for option in ("--gateway", "--ca", "--cert", "--key"):
        parser.add_argument(option, required=True)
    parser.add_argument("--purpose", default="TREAT")
    parser.add_argument("--answer")
    parser.add_argument("--wait", type=int, default=20, help="seconds, for changes")
    parser.add_argument("does", choices=["whoami", "trace", "pull", "send", "inbox", "changes"])
    parser.add_argument("what", nargs="*")
    typed = parser.parse_args()
    gateway = Gateway(typed.gateway, typed.ca, typed.cert, typed.key)
    what = typed.what
    if typed.does == "whoami":
        print_line(gateway.call("GET", "/v1/whoami")[2])
    elif typed.does == "trace":
        print_line({"client": trace(gateway, open(what[0], "rb").read())})
    elif typed.does == "pull":
        print_line(pull(gateway, what[0], what[1], typed.purpose)[1])
    elif typed.does == "send":
        print_line(send(gateway, what[0], open(what[1], "rb").read(), typed.purpose))
    elif typed.does == "inbox":
        take_inbox(gateway, print_line, typed.answer)
    else:
        take_changes(gateway, what[0], typed.purpose, print_line, typed.wait)


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"refused: {refused}")
