#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "tls.h"

const char *
tls_error(char *buf, size_t size)
{
	unsigned long code = ERR_get_error();
	if (ERR_SYSTEM_ERROR(code))
		(void)snprintf(buf, size, "%s", strerror(ERR_GET_REASON(code)));
	else if (code)
		ERR_error_string_n(code, buf, size);
	else
		(void)snprintf(buf, size, "%s", errno ? strerror(errno) : "connection lost");
	ERR_clear_error();
	return buf;
}

static int
load_certificate(SSL_CTX *ctx, const char *cert_file, const char *key_file)
{
	char why[256];
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1) {
		log_error("cannot read the certificate %s: %s", cert_file,
			tls_error(why, sizeof(why)));
		return -1;
	}
	const char *key = key_file ? key_file : cert_file;
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(ctx) != 1) {
		log_error("cannot use the key %s: %s", key, tls_error(why, sizeof(why)));
		return -1;
	}
	return 0;
}

static SSL_CTX *
new_context(const SSL_METHOD *method)
{
	char why[256];
	SSL_CTX *ctx = SSL_CTX_new(method);
	if (!ctx) {
		log_error("cannot make a TLS context: %s", tls_error(why, sizeof(why)));
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	/* An idle connection must not keep 34 KiB of buffers. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	return ctx;
}

SSL_CTX *
tls_server_context(const char *cert_file, const char *key_file)
{
	SSL_CTX *ctx = new_context(TLS_server_method());
	if (ctx && load_certificate(ctx, cert_file, key_file) < 0) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	if (ctx) {
		static const unsigned char session_context[] = "mm";
		SSL_CTX_set_session_id_context(ctx, session_context, sizeof(session_context));
		SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	}
	return ctx;
}

SSL_CTX *
tls_client_context(void)
{
	SSL_CTX *ctx = new_context(TLS_client_method());
	if (ctx)
		SSL_CTX_set_default_verify_paths(ctx);
	return ctx;
}

int
tls_verify_peer(SSL *ssl, const char *host_name)
{
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	return SSL_set1_host(ssl, host_name) == 1 ? 0 : -1;
}

/* SSL_get_error() looks into the queue: what another connection, or a call that did
 * not matter, has left there would end this one. */
static void
before_call(void)
{
	errno = 0;
	ERR_clear_error();
}

static ssize_t
tls_result(struct netio *io, int rc)
{
	switch (SSL_get_error(io->tls, rc)) {
	case SSL_ERROR_WANT_READ:
		return NETIO_READ;
	case SSL_ERROR_WANT_WRITE:
		return NETIO_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return NETIO_EOF;
	case SSL_ERROR_SYSCALL:
		return errno ? NETIO_ERROR : NETIO_EOF;
	default:
		return NETIO_ERROR;
	}
}

static ssize_t
clear_result(ssize_t rc, enum netio_result again)
{
	if (rc > 0)
		return rc;
	if (rc == 0)
		return NETIO_EOF;
	return errno == EAGAIN || errno == EINTR ? (ssize_t)again : NETIO_ERROR;
}

ssize_t
netio_read(struct netio *io, void *p, size_t n)
{
	if (!io->tls)
		return clear_result(read(io->fd, p, n), NETIO_READ);
	size_t got;
	before_call();
	int rc = SSL_read_ex(io->tls, p, n, &got);
	return rc == 1 ? (ssize_t)got : tls_result(io, rc);
}

ssize_t
netio_peek(struct netio *io, void *p, size_t n)
{
	if (!io->tls)
		return clear_result(recv(io->fd, p, n, MSG_PEEK | MSG_DONTWAIT), NETIO_READ);
	size_t got;
	before_call();
	int rc = SSL_peek_ex(io->tls, p, n, &got);
	return rc == 1 ? (ssize_t)got : tls_result(io, rc);
}

ssize_t
netio_write(struct netio *io, const void *p, size_t n)
{
	if (!io->tls)
		return clear_result(write(io->fd, p, n), NETIO_WRITE);
	size_t put;
	before_call();
	int rc = SSL_write_ex(io->tls, p, n, &put);
	return rc == 1 ? (ssize_t)put : tls_result(io, rc);
}

int
netio_start_tls(struct netio *io, SSL_CTX *ctx, bool server)
{
	io->tls = SSL_new(ctx);
	if (!io->tls || SSL_set_fd(io->tls, io->fd) != 1)
		return -1;
	if (server)
		SSL_set_accept_state(io->tls);
	else
		SSL_set_connect_state(io->tls);
	return 0;
}

int
netio_handshake(struct netio *io)
{
	before_call();
	int rc = SSL_do_handshake(io->tls);
	return rc == 1 ? 0 : (int)tls_result(io, rc);
}

void
netio_close(struct netio *io)
{
	if (io->tls) {
		if (SSL_is_init_finished(io->tls))
			(void)SSL_shutdown(io->tls);
		SSL_free(io->tls);
		ERR_clear_error();
	}
	if (io->fd >= 0)
		close(io->fd);
	*io = (struct netio){.fd = -1};
}

size_t
tls_binding_exporter(SSL *ssl, unsigned char out[TLS_BINDING_MAX])
{
	static const char label[] = "EXPORTER-Channel-Binding";
	const size_t n = 32;
	if (SSL_version(ssl) < TLS1_3_VERSION || SSL_export_keying_material(ssl, out, n, label,
							 sizeof(label) - 1, NULL, 0, 1) != 1)
		return 0;
	return n;
}

/* The digest is that of the certificate's signature; MD5 and SHA-1 become SHA-256. */
static const EVP_MD *
end_point_digest(X509 *cert)
{
	int digest;
	if (X509_get_signature_info(cert, &digest, NULL, NULL, NULL) != 1)
		return NULL;
	if (digest == NID_md5 || digest == NID_sha1)
		digest = NID_sha256;
	return EVP_get_digestbynid(digest);
}

size_t
tls_binding_server_end_point(SSL *ssl, unsigned char out[TLS_BINDING_MAX])
{
	X509 *cert = SSL_get_certificate(ssl);
	const EVP_MD *md = cert ? end_point_digest(cert) : NULL;
	unsigned n;
	if (!md || X509_digest(cert, md, out, &n) != 1)
		return 0;
	return n;
}
