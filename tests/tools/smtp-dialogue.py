#!/usr/bin/python3
"""Runs chasquid's SMTP dialogues (*.cmy): smtp-dialogue.py PORT FILE...

Wordings are each server's own, so that only the class of a reply (its first
digit) is compared.  tls_connect is done by STARTTLS.  A line a file: ok, or what
was expected and what came."""
import os
import re
import socket
import ssl
import sys


class Client:
    def __init__(self, port, tls):
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.file = self.sock.makefile("rb")
        self.waiting = []
        if tls:
            self.reply()
            for command in (b"EHLO localhost\r\n", b"STARTTLS\r\n"):
                self.sock.sendall(command)
                self.reply()
            ctx = ssl._create_unverified_context()
            self.sock = ctx.wrap_socket(self.sock)
            self.file = self.sock.makefile("rb")
            self.waiting = ["220 over TLS"]

    def reply(self):
        if self.waiting:
            return self.waiting.pop(0)
        line = ""
        while line[3:4] in ("", "-"):
            line = self.file.readline().decode("utf-8", "replace").rstrip("\r\n")
            if not line:
                return "<eof>"
        return line

    def send(self, data):
        try:
            self.sock.sendall(data)
        except ConnectionError:
            pass


def octets(expression):
    return eval(expression, {"__builtins__": {}}, {}).encode()


def run(port, path):
    client = None
    with open(path, encoding="utf-8") as script:
        for number, line in enumerate(script, 1):
            line = line.rstrip("\n")
            m = re.match(r"c (tcp_connect|tls_connect|close|->|~>|<-|<~|<\.\.\.) ?(.*)", line)
            if not m:
                continue
            word, arg = m.groups()
            if word in ("tcp_connect", "tls_connect"):
                client = Client(port, word == "tls_connect")
            elif word == "close":
                client.sock.close()
            elif word == "->":
                client.send(arg.encode() + b"\r\n")
            elif word == "~>":
                client.send(octets(arg))
            else:
                got = client.reply()
                if got[:1] != arg[:1]:
                    return "%d: expected %s, got %s" % (number, arg, got)
    return "ok"


for name in sys.argv[2:]:
    print(os.path.basename(name), run(int(sys.argv[1]), name), flush=True)
