#!/usr/bin/env python3
"""smtp-destinations.py DIR COUNT: mail servers on one port of several addresses of the
loopback network, as those of domains that are not alike:

127.0.0.2  good: takes mail at once
127.0.0.3  slow: takes SLOW_MS for a message, and with GATE set does not take the last
           quarter of COUNT messages before good has COUNT (or a minute has passed)
127.0.0.4  grey: greylists a recipient until it comes again after GREY_MS
127.0.0.6  is a black hole: connections are neither taken nor refused

The port is in DIR/port.  Each event is a line of DIR/log, written before the reply:

TIME taken DOMAIN ID CONNECTION   a message whose X-Id is that
TIME taken home NOTE CONNECTION   a delivery status notification, and what it says of
TIME told ACTION ID DOMAIN NOTE   one of its recipients, who is ID@DOMAIN.example
TIME greyed grey ID CONNECTION    its recipient has to come again
TIME lost - - CONNECTION          without QUIT
TIME gate-timeout

A CONNECTION is the first label that EHLO named, a colon and a number.
"""
import asyncio
import os
import random
import re
import socket
import sys
import time

directory, count = sys.argv[1], int(sys.argv[2])
slow_s = int(os.environ.get("SLOW_MS", "50")) / 1000
grey_s = int(os.environ.get("GREY_MS", "200")) / 1000
gated = bool(os.environ.get("GATE"))
log = os.open(os.path.join(directory, "log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
good = set()
slow_taken = 0
first_seen = {}
open_gate = None


def note(*words):
    os.write(log, ("%.6f " % time.time() + " ".join(map(str, words)) + "\n").encode())


class Session(asyncio.Protocol):
    number = 0

    def __init__(self, kind):
        self.kind, self.buffer, self.data, self.busy = kind, b"", None, False
        self.rcpts, self.quit, self.hello = [], False, "-"

    def connection_made(self, transport):
        Session.number += 1
        self.number, self.transport = Session.number, transport
        self.send("220 destination ESMTP")

    def connection(self):
        return "%s:%d" % (self.hello, self.number)

    def connection_lost(self, exc):
        if not self.quit:
            note("lost", "-", "-", self.connection())
        self.busy = True

    def send(self, text):
        self.transport.write(text.encode() + b"\r\n")

    def data_received(self, data):
        self.buffer += data
        self.go_on()

    def go_on(self):
        while not self.busy and b"\r\n" in self.buffer:
            if self.data is None:
                line, self.buffer = self.buffer.split(b"\r\n", 1)
                self.command(line.decode())
            else:
                end = 0 if self.buffer.startswith(b".\r\n") else self.buffer.find(b"\r\n.\r\n") + 2
                if end == 1:
                    return
                self.data, self.buffer = self.buffer[:end], self.buffer[end + 3:]
                self.message()

    def command(self, line):
        verb = line[:4].upper()
        if verb == "EHLO":
            self.hello = line[5:].split(".")[0]
            self.send("250-destination\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10000000")
        elif verb == "RCPT":
            self.send(self.recipient(line[9:].split(">")[0]))
        elif verb == "DATA" and self.rcpts:
            self.data = b""
            self.send("354 go on")
        elif verb == "DATA":
            self.send("503 5.5.1 no recipients")
        elif verb == "QUIT":
            self.quit = True
            self.send("221 2.0.0 bye")
            self.transport.close()
        else:
            self.rcpts = []
            self.send("250 2.0.0 ok")

    def recipient(self, address):
        now = time.time()
        if self.kind == "grey" and now < first_seen.setdefault(address, now) + grey_s:
            note("greyed", self.kind, address.split("@")[0], self.connection())
            return "450 4.7.1 greylisted, come again"
        self.rcpts.append(address)
        return "250 2.1.5 ok"

    def message(self):
        self.busy = True
        if self.kind == "slow":
            asyncio.get_running_loop().create_task(self.slowly())
        else:
            self.take()

    async def slowly(self):
        await asyncio.sleep(slow_s)
        if gated and slow_taken >= count * 3 // 4 and not open_gate.is_set():
            try:
                await asyncio.wait_for(open_gate.wait(), 60)
            except asyncio.TimeoutError:
                note("gate-timeout")
                open_gate.set()
        if not self.transport.is_closing():
            self.take()
        self.go_on()

    def take(self):
        global slow_taken
        ident = re.search(rb"^X-Id: (\S+)", self.data, re.M)[1].decode()
        told = re.findall(rb"^Final-Recipient: rfc822; *(\w+)@(\w+)[^\0]*?^Action: (\S+)", self.data, re.M)
        if told:
            own = re.search(rb"^Message-ID: (\S+)", self.data, re.M | re.I)[1].decode()
            note("taken", "home", own, self.connection())
            for who, domain, action in told:
                note("told", action.decode(), who.decode(), domain.decode(), own)
        else:
            note("taken", self.kind, ident, self.connection())
            if self.kind == "good":
                good.add(ident)
            slow_taken += self.kind == "slow"
        if len(good) >= count:
            open_gate.set()
        self.data, self.rcpts, self.busy = None, [], False
        self.send("250 2.0.0 taken")


def black_hole(port):
    """A listener whose queue is full; the kernel drops what comes after."""
    s = socket.socket()
    s.bind(("127.0.0.6", port))
    s.listen(0)
    fill = [socket.socket() for _ in range(4)]
    for c in fill:
        c.setblocking(False)
        c.connect_ex(("127.0.0.6", port))
    return [s] + fill


async def main():
    global open_gate
    open_gate = asyncio.Event()
    loop, kinds = asyncio.get_running_loop(), {"good": 2, "slow": 3, "grey": 4}
    while True:
        port = random.randrange(20000, 32000)
        try:
            keep = [black_hole(port)]
            for kind, last in kinds.items():
                keep.append(await loop.create_server(lambda kind=kind: Session(kind), "127.0.0.%d" % last, port,
                                                     backlog=500))
            break
        except OSError:
            continue
    with open(os.path.join(directory, "port.new"), "w") as f:
        print(port, file=f)
    os.rename(os.path.join(directory, "port.new"), os.path.join(directory, "port"))
    await asyncio.Event().wait()


asyncio.run(main())
