#!/usr/bin/env python3
"""smtp-sink.py DIR [OPTION...]: an SMTP or LMTP server for tests.

Prints its port in DIR/port.  DIR/log has a line "N COMMAND" for each command of
connection N, "N TLS" for a handshake, "N quit", "N lost" or "N closed" for its
end; DIR/peers a line
with each one's address; DIR/N-M.eml is the M-th message of connection N, dots unstuffed.

  --listen ADDR[:PORT]   loopback and any port
  --unix PATH            a socket instead
  --lmtp                 LHLO, a reply for each recipient after the dot
  --ehlo WORD,...        extensions to offer (default: PIPELINING,8BITMIME,SIZE 10000000)
  --cert PEM             certificate and key; offers STARTTLS
  --wrapped              TLS from the first octet
  --auth USER:PASSWORD   offers AUTH PLAIN LOGIN, and insists
  --max-rcpts N          452 for those that are more
  --reply PREFIX=REPLY   answers commands that begin so; ".<bob@x>" is the end of the
                         message for bob, in SMTP for whom bob is the first; "greeting"
                         and "RCPT TO:" are what they say, and "DATA<bob@x>" too.  REPLY "close" hangs up,
                         "cut TEXT" likewise after TEXT without a line end;
                         "\\n" separates the lines of a long one.  "body" is for
                         when DATA was answered with 354, and is not answered else.
  --reply-once PREFIX=REPLY   the same, the first time only
  --idle SECONDS         hangs up, with a reset, on a client that is silent for so long
  --gather N             the first N messages are answered when all have come
"""
import argparse
import base64
import os
import socket
import ssl
import struct
import sys
import threading

lock = threading.Lock()
gathering = None


class Hangup(Exception):
    pass


class Session:
    def __init__(self, sock, number, args):
        self.sock, self.number, self.args = sock, number, args
        self.buffer = b""
        self.tls = self.authenticated = False
        self.messages = 0
        self.rcpts = []
        self.chunks = b""

    def log(self, text):
        with lock:
            with open(os.path.join(self.args.dir, "log"), "a") as f:
                f.write("%d %s\n" % (self.number, text))

    def send(self, text):
        self.sock.sendall((text.replace("\\n", "\r\n") + "\r\n").encode())

    def readline(self):
        while b"\r\n" not in self.buffer:
            try:
                got = self.sock.recv(65536)
            except socket.timeout:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.sock.close()
                raise Hangup("closed")
            if not got:
                raise Hangup("lost")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def answer(self, command, otherwise):
        reply = otherwise
        with lock:
            for rule in self.args.reply_once + self.args.reply:
                prefix, text = rule.split("=", 1)
                if command.upper().startswith(prefix.upper()):
                    reply = text
                    if rule in self.args.reply_once:
                        self.args.reply_once.remove(rule)
                    break
        if reply is None:
            return ""
        if reply == "close":
            raise Hangup("closed")
        if reply.startswith("cut "):
            self.sock.sendall(reply[4:].replace("\\n", "\r\n").encode())
            raise Hangup("closed")
        self.send(reply)
        return reply[0]

    @staticmethod
    def gather():
        global gathering
        barrier = gathering
        if barrier:
            barrier.wait()
            gathering = None

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.args.cert)
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.tls = True
        self.log("TLS")

    def ehlo(self, verb):
        words = [w for w in self.args.ehlo.split(",") if w]
        if self.args.cert and not self.tls:
            words.append("STARTTLS")
        if self.args.auth:
            words.append("AUTH PLAIN LOGIN")
        lines = ["sink"] + (words if verb != "HELO" else [])
        text = "\\n".join("250%s%s" % ("-" if i + 1 < len(lines) else " ", w) for i, w in enumerate(lines))
        self.answer(verb, text)

    def auth(self, line):
        def ask(prompt):
            self.send("334 " + base64.b64encode(prompt).decode())
            return base64.b64decode(self.readline())

        words = line.split()
        if words[1].upper() not in ("PLAIN", "LOGIN"):
            self.answer(line, "504 5.5.4 unknown")
            return
        if words[1].upper() == "PLAIN":
            given = base64.b64decode(words[2]).split(b"\0")[1:]
        else:
            given = [ask(b"Username:"), ask(b"Password:")]
        self.authenticated = b":".join(given).decode() == self.args.auth
        self.answer(line, "235 2.7.0 ok" if self.authenticated else "535 5.7.8 no")

    def data(self):
        first = self.rcpts[0] if self.rcpts else ""
        if self.answer("DATA" + first, "354 go on" if self.rcpts else "503 5.5.1 no recipients") != "3":
            return
        self.answer("body" + first, None)
        lines = []
        while True:
            line = self.readline()
            if line == b".":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.messages += 1
        with open(os.path.join(self.args.dir, "%d-%d.eml" % (self.number, self.messages)), "wb") as f:
            f.write(b"".join(x + b"\r\n" for x in lines))
        self.gather()
        for rcpt in self.rcpts if self.args.lmtp else self.rcpts[:1] or [""]:
            self.answer("." + rcpt, "250 2.0.0 stored as %d-%d" % (self.number, self.messages))
        self.rcpts = []

    def bdat(self, line):
        size, _, last = line[5:].partition(" ")
        while len(self.buffer) < int(size):
            got = self.sock.recv(65536)
            if not got:
                raise Hangup("lost")
            self.buffer += got
        self.chunks += self.buffer[: int(size)]
        self.buffer = self.buffer[int(size) :]
        if not last:
            self.answer(line, "250 2.0.0 go on")
            return
        self.messages += 1
        with open(os.path.join(self.args.dir, "%d-%d.eml" % (self.number, self.messages)), "wb") as f:
            f.write(self.chunks)
        self.chunks = b""
        for rcpt in self.rcpts if self.args.lmtp else self.rcpts[:1]:
            self.answer("." + rcpt, "250 2.0.0 stored as %d-%d" % (self.number, self.messages))
        self.rcpts = []

    def command(self, line):
        verb = line.split(" ", 1)[0].upper()
        if verb in ("EHLO", "HELO", "LHLO"):
            self.ehlo(verb)
        elif verb == "STARTTLS" and self.args.cert:
            if self.answer(line, "220 2.0.0 go on") == "2":
                self.buffer = b""
                self.start_tls()
        elif verb == "AUTH":
            self.auth(line)
        elif verb == "MAIL" and self.args.auth and not self.authenticated:
            self.send("530 5.7.0 authenticate first")
        elif verb == "RCPT" and self.args.max_rcpts and len(self.rcpts) >= self.args.max_rcpts:
            self.send("452 4.5.3 too many recipients")
        elif verb == "RCPT":
            if self.answer(line, "250 2.1.5 ok") == "2":
                self.rcpts.append(line.split(":", 1)[1].split(" ")[0])
        elif verb == "DATA":
            self.data()
        elif verb == "BDAT":
            self.bdat(line)
        elif verb == "QUIT":
            self.send("221 2.0.0 bye")
            raise Hangup("quit")
        else:
            if verb in ("MAIL", "RSET"):
                self.rcpts = []
            self.answer(line, "250 2.0.0 ok")

    def run(self):
        try:
            if self.args.wrapped:
                self.start_tls()
            if self.answer("greeting", "220 sink ESMTP") != "2":
                raise Hangup("closed")
            while True:
                line = self.readline().decode(errors="surrogateescape")
                self.log(line.split(" ")[0] + " ..." if line.startswith("AUTH PLAIN") else line)
                self.command(line)
        except Hangup as e:
            self.log(str(e))
        except (OSError, ssl.SSLError) as e:
            self.log("lost")
        finally:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()


def listen(args):
    if args.unix:
        s = socket.socket(socket.AF_UNIX)
        s.bind(args.unix)
    else:
        host, _, port = args.listen.partition(":")
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((host, int(port or 0)))
    s.listen(512)
    with open(os.path.join(args.dir, "port.new"), "w") as f:
        print(args.unix or s.getsockname()[1], file=f)
    os.rename(os.path.join(args.dir, "port.new"), os.path.join(args.dir, "port"))
    return s


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dir")
    p.add_argument("--listen", default="127.0.0.1")
    p.add_argument("--unix")
    p.add_argument("--lmtp", action="store_true")
    p.add_argument("--ehlo", default="PIPELINING,8BITMIME,SIZE 10000000")
    p.add_argument("--cert")
    p.add_argument("--wrapped", action="store_true")
    p.add_argument("--auth")
    p.add_argument("--max-rcpts", type=int)
    p.add_argument("--reply", action="append", default=[])
    p.add_argument("--reply-once", action="append", default=[])
    p.add_argument("--idle", type=float)
    p.add_argument("--gather", type=int)
    args = p.parse_args()
    global gathering
    gathering = threading.Barrier(args.gather) if args.gather else None
    os.makedirs(args.dir, exist_ok=True)
    open(os.path.join(args.dir, "log"), "a").close()
    server = listen(args)
    number = 0
    while True:
        sock, peer = server.accept()
        sock.settimeout(args.idle)
        number += 1
        with open(os.path.join(args.dir, "peers"), "a") as f:
            f.write("%s\n" % (peer[0] if peer else "unix"))
        threading.Thread(target=Session(sock, number, args).run, daemon=True).start()


main()
