/* A server may say anything, in any pieces: the client ends READY, BUSY or FAILED,
 * every decided recipient has a reply, and it never sends a line that a message
 * or a reply put there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char message[] = "Subject: x\r\n\r\n.\r\nbody\n.\rend";

static void
step(struct smtp_client *c, struct smtp_transaction *t, unsigned *begun)
{
	if (c->phase == SMTP_START_TLS)
		smtp_tls_started(c);
	if (c->phase == SMTP_READY && *begun < 3) {
		(*begun)++;
		smtp_begin(c, t);
	}
	if (c->out.n == 0 && c->phase == SMTP_BUSY)
		smtp_fill(c);
	if (!c->bdat && memmem(c->out.p ? c->out.p : "", c->out.n, "\r\n.\r\nbody", 9))
		abort();
	buf_reset(&c->out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_client c;
	struct smtp_rcpt rcpts[2] = {
		{.path = STR("<a@x>"), .params = STR("NOTIFY=NEVER")}, {.path = STR("<b@x>")}};
	struct smtp_transaction t = {.mail_from = STR("<>"),
		.mail_params = STR("RET=HDRS"),
		.message = STR(message),
		.eight_bit = true,
		.text = true,
		.rcpts = rcpts,
		.nrcpts = 2};
	if (size < 2)
		return 0;
	struct smtp_settings s = {.hello = "me",
		.user = data[0] & 1 ? "u" : NULL,
		.password = "p",
		.tls = (enum smtp_tls)(data[0] >> 1 & 3),
		.lmtp = data[0] & 8,
		.chunking = data[0] & 64};
	struct str in = str_n((const char *)data + 2, size - 2);
	size_t piece = 1 + data[1] % 64;
	unsigned begun = 0;
	smtp_init(&c, &s, data[0] & 16);
	c.clear_auth = data[0] & 32;
	while (in.n && c.phase != SMTP_FAILED) {
		size_t n = piece < in.n ? piece : in.n;
		smtp_receive(&c, str_n(in.p, n));
		in = str_skip(in, n);
		step(&c, &t, &begun);
	}
	if (c.phase != SMTP_FAILED)
		smtp_lost(&c, "connection lost");
	if (c.failure.n < strlen("440 4.0.0"))
		abort();
	for (int i = 0; i < 2; i++) {
		if ((rcpts[i].status != STATUS_NONE) != (rcpts[i].reply != NULL))
			abort();
		free(rcpts[i].reply);
	}
	smtp_release(&c);
	return 0;
}
