#!/usr/bin/python3
"""A scripted SMTP client: smtp-talk.py PORT|ADDR:PORT|/PATH < SCRIPT

Prints what the server says.  A line of the script is sent with CRLF and one reply
is read, unless it begins with '@':
  @read [N]         read N replies (1), without sending
  @send TEXT        send TEXT with CRLF, read nothing
  @raw 'BYTES'      send a Python bytes literal, read nothing
  @times N 'BYTES'  the same N times over
  @drip S 'BYTES'   send them one at a time, S seconds between
  @starttls [1.2]   STARTTLS, then the handshake (at most that version)
  @tls              the handshake alone
  @cert FILE        show this certificate (PEM, with its key) in the handshake
  @eof              expect the end of the connection
  @close            go away
  @reset            likewise, with a reset
  @wait FILE        until the file holds something, 20 s at most
  @hello            do not read the greeting (first line only)
"""
import ast
import os
import socket
import ssl
import struct
import sys
import time


class Talk:
    def __init__(self, where):
        self.sock = self.connect(where)
        self.buf = b""
        self.cert = None

    @staticmethod
    def connect(where):
        if where.startswith("/"):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(20)
            sock.connect(where)
            return sock
        host, _, port = where.rpartition(":")
        return socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), 20)

    def line(self):
        while b"\n" not in self.buf:
            got = self.sock.recv(65536)
            if not got:
                return None
            self.buf += got
        line, self.buf = self.buf.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def reply(self):
        while True:
            try:
                line = self.line()
            except OSError as e:
                line = None
                if not isinstance(e, (ConnectionError, ssl.SSLError)):
                    print("<timeout>")
                    sys.exit(1)
            if line is None:
                print("<eof>")
                return
            print(line, flush=True)
            if line[3:4] != "-":
                return

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (ConnectionError, ssl.SSLError):
            pass

    def tls(self, version):
        ctx = ssl.create_default_context()
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        if self.cert:
            ctx.load_cert_chain(self.cert)
        if version == "1.2":
            ctx.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            self.sock = ctx.wrap_socket(self.sock)
            print("<%s>" % self.sock.version())
        except (OSError, ssl.SSLError):
            print("<no tls>")


def wait_for(path):
    end = time.monotonic() + 20
    while not (os.path.exists(path) and os.path.getsize(path)):
        if time.monotonic() > end:
            print("<timeout>")
            sys.exit(1)
        time.sleep(0.01)


def main():
    script = [line.rstrip("\n") for line in sys.stdin]
    t = Talk(sys.argv[1])
    if script and script[0] == "@hello":
        script.pop(0)
    else:
        t.reply()
    for line in script:
        word, _, arg = line.partition(" ")
        if word == "@read":
            for _ in range(int(arg or 1)):
                t.reply()
        elif word == "@send":
            t.send(arg.encode() + b"\r\n")
        elif word == "@raw":
            t.send(ast.literal_eval("b" + arg))
        elif word == "@times":
            n, _, text = arg.partition(" ")
            t.send(ast.literal_eval("b" + text) * int(n))
        elif word == "@drip":
            pause, _, text = arg.partition(" ")
            for octet in ast.literal_eval("b" + text):
                t.send(bytes([octet]))
                time.sleep(float(pause))
        elif word == "@starttls":
            t.send(b"STARTTLS\r\n")
            t.reply()
            t.tls(arg)
        elif word == "@cert":
            t.cert = arg
        elif word == "@tls":
            t.tls(arg)
        elif word == "@wait":
            wait_for(arg)
        elif word == "@eof":
            t.reply()
        elif word == "@reset":
            t.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            t.sock.close()
            return
        elif word == "@close":
            t.sock.close()
            return
        else:
            t.send(line.encode() + b"\r\n")
            t.reply()


main()
