#!/usr/bin/python3
"""dkim-sign.py KEY SELECTOR DOMAIN [OPTION=VALUE...] <message >signed
KEY: a PEM RSA key, or a file with the base64 of an ed25519 seed.
Options: alg=rsa-sha256|ed25519-sha256 canon=relaxed/relaxed headers=from:to:subject
identity=@sub.example length=yes"""
import sys
import dkim

key, selector, domain = sys.argv[1:4]
opt = dict(o.split("=", 1) for o in sys.argv[4:])
message = sys.stdin.buffer.read()
head, body = opt.get("canon", "relaxed/relaxed").encode().split(b"/")
signature = dkim.sign(
    message, selector.encode(), domain.encode(), open(key, "rb").read().strip(),
    identity=opt["identity"].encode() if "identity" in opt else None,
    canonicalize=(head, body),
    signature_algorithm=opt.get("alg", "rsa-sha256").encode(),
    include_headers=[h.encode() for h in opt["headers"].split(":")] if "headers" in opt else None,
    length="length" in opt)
sys.stdout.buffer.write(signature + message)
