#!/usr/bin/env python3
"""fake-rspamd.py ANSWERS SEEN: an HTTP server on a free port of 127.0.0.1 (printed first)
that keeps the head of each request in the file SEEN and answers by the message's Subject:
ANSWERS is a JSON object, subject: the text of the answer, or [status, text], or "slow"
for none at all, or "close"."""
import http.server
import json
import re
import socketserver
import sys
import threading

answers = json.load(open(sys.argv[1]))
lock = threading.Lock()
here = threading.Barrier(5)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock, open(sys.argv[2], "a") as f:
            f.write(self.requestline + "\n" + str(self.headers))
        subject = re.search(rb"^Subject: (.*?)\r?$", body, re.M).group(1).decode()
        answer = answers[subject]
        if subject == "together":
            here.wait()
        if answer == "slow":
            threading.Event().wait()
        if answer == "close":
            self.close_connection = True
            return
        status, text = answer if isinstance(answer, list) else (200, answer)
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 100


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
