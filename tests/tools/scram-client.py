#!/usr/bin/python3
"""A client of AUTH SCRAM-SHA-256 and -PLUS over STARTTLS: scram-client.py PORT [OPTION]...

Prints the last reply to each AUTH (or why the server is not to be trusted).  It
shares nothing with the server: hashes are Python's, TLS is pyOpenSSL's."""
import argparse
import base64
import hashlib
import hmac
import os
import socket
import sys
import time

from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL

HEADERS = {"n": "n", "y": "y", "exporter": "p=tls-exporter",
           "end-point": "p=tls-server-end-point", "unique": "p=tls-unique"}


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--user", default="anna")
    p.add_argument("--password", default="secret")
    p.add_argument("--binding", choices=HEADERS, default="n")
    p.add_argument("--mechanism", help="else as the binding wants it")
    p.add_argument("--authzid", default="")
    p.add_argument("--tls", choices=("1.2", "1.3"), default="1.3")
    p.add_argument("--digest", default="sha256", help="of the certificate's signature")
    p.add_argument("--wrong", choices=("binding", "nonce", "end"), help="lie about it")
    p.add_argument("--raw", help="this as the client's first message")
    p.add_argument("--initial", action="store_true", help="it goes with AUTH")
    p.add_argument("--times", type=int, default=1, help="so many AUTH in one session")
    p.add_argument("--least", type=float, help="say whether a reply took these seconds")
    p.add_argument("--offer", action="store_true", help="print what EHLO says of AUTH")
    p.add_argument("--salt", action="store_true", help="print salt and iterations, go away")
    p.add_argument("--deliver", action="store_true", help="then send a message")
    p.add_argument("--cancel", action="store_true", help="instead of the client's last message")
    return p.parse_args()


class Client:
    def __init__(self, o):
        self.o = o
        self.sock = socket.create_connection(("127.0.0.1", o.port), 20)
        self.file = self.sock.makefile("rb")
        self.tls = None
        self.buf = b""
        self.reply()
        self.say("EHLO me.example")
        self.say("STARTTLS")
        self.start_tls()
        self.hello = self.say("EHLO me.example")

    def start_tls(self):
        version = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}[self.o.tls]
        ctx = SSL.Context(SSL.TLS_CLIENT_METHOD)
        ctx.set_min_proto_version(version)
        ctx.set_max_proto_version(version)
        self.sock.settimeout(None)
        self.tls = SSL.Connection(ctx, self.sock)
        self.tls.set_connect_state()
        self.tls.do_handshake()

    def line(self):
        if not self.tls:
            return self.file.readline().decode().rstrip("\r\n")
        while b"\n" not in self.buf:
            try:
                self.buf += self.tls.recv(65536)
            except (SSL.ZeroReturnError, SSL.SysCallError):
                return "<eof>"
        line, self.buf = self.buf.split(b"\n", 1)
        return line.decode().rstrip("\r")

    def reply(self):
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def say(self, text):
        (self.tls or self.sock).sendall(text.encode() + b"\r\n")
        return self.reply()

    def binding(self):
        octets = b""
        if self.o.binding == "exporter":
            octets = self.tls.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")
        elif self.o.binding == "end-point":
            cert = self.tls.get_peer_certificate().to_cryptography()
            octets = hashlib.new(self.o.digest,
                cert.public_bytes(serialization.Encoding.DER)).digest()
        return octets[::-1] if self.o.wrong == "binding" else octets


def hmac256(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


def escape(name):
    return name.replace("=", "=3D").replace(",", "=2C")


def send(c, data):
    return c.say(base64.b64encode(data.encode()).decode())


def challenge(reply):
    return base64.b64decode(reply[4:]).decode()


def begin(c, o, first):
    plus = "-PLUS" if HEADERS[o.binding].startswith("p=") else ""
    auth = "AUTH " + (o.mechanism or "SCRAM-SHA-256" + plus)
    if o.initial:
        return c.say(auth + " " + base64.b64encode(first.encode()).decode())
    reply = c.say(auth)
    return send(c, first) if reply == "334 " else reply


def exchange(c, o):
    header = "%s,%s," % (HEADERS[o.binding], o.authzid and "a=" + escape(o.authzid))
    ours = base64.b64encode(os.urandom(12)).decode()
    bare = "n=%s,r=%s" % (escape(o.user), ours)
    reply = begin(c, o, o.raw if o.raw is not None else header + bare)
    if not reply.startswith("334 "):
        return reply
    server_first = challenge(reply)
    told = dict(part.split("=", 1) for part in server_first.split(","))
    if not told["r"].startswith(ours) or len(told["r"]) < len(ours) + 16:
        return "the nonce is not the server's own"
    if o.salt:
        return told["s"] + " " + told["i"]
    if o.cancel:
        return c.say("*")
    salted = hashlib.pbkdf2_hmac("sha256", o.password.encode(), base64.b64decode(told["s"]),
                                 int(told["i"]))
    key = hmac256(salted, b"Client Key")
    cb = base64.b64encode(header.encode() + c.binding()).decode()
    final = "c=%s,r=%s" % (cb, told["r"] + ("x" if o.wrong == "nonce" else ""))
    message = ("%s,%s,%s" % (bare, server_first, final)).encode()
    signature = hmac256(hashlib.sha256(key).digest(), message)
    proof = bytes(a ^ b for a, b in zip(key, signature))
    reply = send(c, final + ",p=" + base64.b64encode(proof).decode())
    if not reply.startswith("334 "):
        return reply
    if challenge(reply) != "v=" + base64.b64encode(
            hmac256(hmac256(salted, b"Server Key"), message)).decode():
        return "the server does not know the password"
    return c.say("AAAA" if o.wrong == "end" else "")


def main():
    o = arguments()
    c = Client(o)
    if o.offer:
        print(*[line for line in c.hello.split("\n") if "AUTH" in line])
        return
    for _ in range(o.times):
        since = time.monotonic()
        print(exchange(c, o), flush=True)
        if o.least is not None:
            print("late" if time.monotonic() - since >= o.least else "soon")
    if o.deliver:
        for command in ("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA",
                        "Subject: x\r\n\r\n."):
            reply = c.say(command)
        print(reply)


sys.exit(main())
