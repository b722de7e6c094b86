#!/usr/bin/env python3
"""http-sink.py DIR [CERT]: an HTTP server (with CERT, a PEM file, HTTPS) on loopback that keeps what it is sent.

Prints its port in DIR/port.  Each request becomes DIR/N.head (request line and
headers) and DIR/N.body, N from 1.  The answers are taken, one after another, from
the lines of DIR/answers: STATUS [Header:value]... [BODY]; the last line stays.  A BODY
"@FILE" is what is in the file; with the header "wait:FILE" it comes once the file is there.
Without that file: 200 and no body."""
import http.server
import os
import ssl
import sys
import threading
import time

directory = sys.argv[1]
lock = threading.Lock()
count = 0


def next_answer():
    try:
        with open(os.path.join(directory, "answers")) as f:
            lines = f.read().splitlines()
    except FileNotFoundError:
        return ["200"]
    line = lines[min(count, len(lines)) - 1]
    return line.split(" ", 2) if " " in line else [line]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            count += 1
            base = os.path.join(directory, str(count))
            with open(base + ".head", "w") as f:
                f.write("%s\n%s" % (self.requestline, self.headers))
            with open(base + ".body", "wb") as f:
                f.write(body)
            answer = next_answer()
        status, headers, text = int(answer[0]), [], b""
        for part in answer[1:]:
            if part.startswith("@"):
                with open(part[1:], "rb") as f:
                    text += f.read()
            elif part.startswith("wait:"):
                while not os.path.exists(part[5:]):
                    time.sleep(0.02)
            elif ":" in part and not part.startswith("{"):
                headers.append(part.split(":", 1))
            else:
                text += part.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_PUT = do_POST

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(os.path.join(directory, "port.new"), "w") as f:
    print(server.server_port, file=f)
os.rename(os.path.join(directory, "port.new"), os.path.join(directory, "port"))
server.serve_forever()
