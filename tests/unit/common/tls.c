#include "tls.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "tap.h"

int
main(void)
{
	int pair[2];
	char octets[16];
	SSL_CTX *ctx = tls_client_context();
	ok(ctx && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "a pair of sockets");
	struct netio io = {.fd = pair[0]};
	io_set_nonblocking(pair[0], true);
	ok(netio_start_tls(&io, ctx, false) == 0, "TLS on one of them");
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	ok(netio_handshake(&io) == NETIO_READ, "an error of another does not end a handshake");
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	ok(netio_read(&io, octets, sizeof(octets)) == NETIO_READ, "nor a read");
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	ok(netio_write(&io, "x", 1) == NETIO_READ, "nor a write");
	close(pair[1]);
	netio_close(&io);
	ok(io.fd == -1 && !io.tls, "closed");
	SSL_CTX_free(ctx);
	return done();
}
