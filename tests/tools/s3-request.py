#!/usr/bin/env python3
"""s3-request.py METHOD URL [FILE]: one request to an S3 server, signed here
(Signature Version 4) and not by libcurl.  The answer goes to FILE, else to
standard output.  Exit status 0 for 2xx.  Keys come from the environment as for
mm-s3put."""
import datetime
import hashlib
import hmac
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def signed_headers(method, url):
    parts = urllib.parse.urlparse(url)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    payload = hashlib.sha256(b"").hexdigest()
    headers = {"host": parts.netloc, "x-amz-content-sha256": payload, "x-amz-date": now}
    names = ";".join(sorted(headers))
    query = "&".join(sorted(p if "=" in p else p + "=" for p in parts.query.split("&") if p))
    canonical = "\n".join(
        [method, parts.path, query]
        + ["%s:%s" % (k, headers[k]) for k in sorted(headers)]
        + ["", names, payload]
    )
    scope = "%s/%s/s3/aws4_request" % (now[:8], os.environ["AWS_REGION"])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, digest])
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
        % (os.environ["AWS_ACCESS_KEY_ID"], scope, names, signature)
    )
    return headers


def main():
    method, url = sys.argv[1:3]
    request = urllib.request.Request(url, method=method, headers=signed_headers(method, url))
    try:
        body = urllib.request.urlopen(request, timeout=20).read()
    except urllib.error.HTTPError as e:
        sys.exit("HTTP %d: %s" % (e.code, e.read().decode(errors="replace")))
    if len(sys.argv) > 3:
        with open(sys.argv[3], "wb") as out:
            out.write(body)
    else:
        sys.stdout.buffer.write(body)


main()
