/* tls.h: TLS contexts, and a socket that may or may not speak TLS.  Both sides,
 * non-blocking. */
#ifndef MM_TLS_H
#define MM_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/types.h>

/* A server's context from PEM files (key NULL: in the certificate's file).
 * TLS 1.2 and 1.3, sessions resumed by tickets.  NULL after an error was logged. */
SSL_CTX *tls_server_context(const char *cert_file, const char *key_file);

/* A client's context.  The peer's certificate is not verified unless the caller
 * asks for it (tls_verify_peer). */
SSL_CTX *tls_client_context(void);
int tls_verify_peer(SSL *ssl, const char *host_name); /* 0, or -1 */

/* A connected socket.  tls NULL: in clear. */
struct netio {
	int fd;
	SSL *tls;
};

enum netio_result {
	NETIO_READ = -1,  /* wait until the socket can be read, then call again */
	NETIO_WRITE = -2, /* likewise written */
	NETIO_EOF = -3,   /* the peer closed; with TLS: with or without close_notify */
	NETIO_ERROR = -4, /* errno is set, or see tls_error() */
};

/* Octets moved (above 0) or a netio_result. */
ssize_t netio_read(struct netio *io, void *p, size_t n);
ssize_t netio_write(struct netio *io, const void *p, size_t n);

/* Like netio_read(), and what it gives stays to be read; in clear only a socket's. */
ssize_t netio_peek(struct netio *io, void *p, size_t n);

/* Attaches TLS to the descriptor; then call netio_handshake() until it gives 0. */
int netio_start_tls(struct netio *io, SSL_CTX *ctx, bool server);
int netio_handshake(struct netio *io); /* 0 done, or a netio_result */

/* Sends close_notify if TLS is on, closes the descriptor; io becomes {-1, NULL}. */
void netio_close(struct netio *io);

/* What ties another authentication to this connection: RFC 9266 (TLS 1.3 only) and,
 * on the server's side, RFC 5929 section 4.  Octets, or 0 when there are none. */
#define TLS_BINDING_MAX EVP_MAX_MD_SIZE
size_t tls_binding_exporter(SSL *ssl, unsigned char out[TLS_BINDING_MAX]);
size_t tls_binding_server_end_point(SSL *ssl, unsigned char out[TLS_BINDING_MAX]);

/* Why the last TLS call failed, for a log line; empties OpenSSL's queue. */
const char *tls_error(char *buf, size_t size);

#endif
