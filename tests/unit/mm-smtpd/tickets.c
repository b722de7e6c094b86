#include "tickets.h"

#include "tap.h"

#define KEYS_SIZE 80

static unsigned char a[KEYS_SIZE], b[KEYS_SIZE];

static void
keys_for(SSL_CTX *ctx, unsigned char first, unsigned char *keys)
{
	unsigned char terms[TICKETS_DIGEST_SIZE] = {first};
	is_int(tickets_use(ctx, terms), 0, "keys");
	is_int(SSL_CTX_get_tlsext_ticket_keys(ctx, keys, KEYS_SIZE), 1, "which are read");
}

int
main(void)
{
	SSL_CTX *one = SSL_CTX_new(TLS_server_method()),
		*two = SSL_CTX_new(TLS_server_method());
	is_int(tickets_init(), 0, "a secret");
	keys_for(one, 1, a);
	keys_for(two, 1, b);
	ok(memcmp(a, b, KEYS_SIZE) == 0, "the same terms, the same keys");
	ok(memcmp(a, a + 16, 32) != 0 && memcmp(a + 16, a + 48, 32) != 0,
		"three different ones");
	keys_for(two, 2, b);
	for (size_t i = 0; i < KEYS_SIZE; i += 16)
		ok(memcmp(a + i, b + i, 16) != 0, "other terms, others: octet %zu", i);
	is_int(tickets_init(), 0, "another secret");
	keys_for(two, 1, b);
	for (size_t i = 0; i < KEYS_SIZE; i += 16)
		ok(memcmp(a + i, b + i, 16) != 0, "others: octet %zu", i);
	SSL_CTX_free(one);
	SSL_CTX_free(two);
	return done();
}
