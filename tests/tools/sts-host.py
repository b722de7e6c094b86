#!/usr/bin/env python3
"""sts-host.py DIR CERT ADDR: serves MTA-STS policies by HTTPS, for tests.

Prints its port in DIR/port.  DIR/HOST is the policy of the host mta-sts.HOST; a first
line "status N", "type T", "location URL" or "wait FILE" (until it is there) is obeyed
and left out.  DIR/log has a line for each request.
"""
import http.server
import os
import ssl
import sys
import time

directory, cert, address = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        with open(os.path.join(directory, "log"), "a") as f:
            f.write("%s %s\n" % (host, self.path))
        with open(os.path.join(directory, host.replace("mta-sts.", "", 1))) as f:
            text = f.read()
        status, headers = 200, {"Content-Type": "text/plain; charset=utf-8"}
        while True:
            word, _, rest = text.partition(" ")
            if word not in ("status", "type", "location", "wait"):
                break
            value, _, text = rest.partition("\n")
            if word == "status":
                status = int(value)
            elif word == "type":
                headers["Content-Type"] = value
            elif word == "location":
                headers["Location"] = value
            while word == "wait" and not os.path.exists(value):
                time.sleep(0.02)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer((address, 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert)
# The handshake is for the thread of the connection, or one client would hold the rest.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(os.path.join(directory, "port.new"), "w") as out:
    print(server.server_address[1], file=out)
os.rename(os.path.join(directory, "port.new"), os.path.join(directory, "port"))
server.serve_forever()
