/* The server's side of SCRAM, and the lines in which its keys are kept.  An octet
 * that chooses, then the client's two messages with a line end between them; or a
 * line.  The keys and our nonce are those of the example of RFC 7677. */
#include <stdint.h>
#include <stdlib.h>

#include "scram.h"

#define NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

static const struct str pencil = STR("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
				     "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
				     "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");

static void
must(bool good)
{
	if (!good)
		abort();
}

/* What was read is printed so that it reads the same again. */
static void
line(struct str text)
{
	struct scram_keys a, b;
	struct buf out = {0}, again = {0};
	if (scram_keys_parse(&a, text) < 0)
		return;
	scram_keys_print(&a, &out);
	must(scram_keys_parse(&b, buf_str(&out)) == 0 && scram_keys_same_salt(&a, &b));
	scram_keys_print(&b, &again);
	must(str_eq(buf_str(&out), buf_str(&again)));
	buf_release(&out);
	buf_release(&again);
}

static void
exchange(uint8_t how, struct str messages)
{
	struct scram_channel ch = {0};
	struct scram_secret secret = {.n = 1 + how / 32 % SCRAM_KEYS_MAX, .decoy = how & 2};
	struct str first = str_cut(&messages, '\n');
	struct buf out = {0};
	if (how & 4)
		ch.exporter = (struct scram_binding){.p = "exporter", .n = 8};
	if (how & 8)
		ch.end_point = (struct scram_binding){.p = "end-point", .n = 9};
	must(scram_keys_parse(&secret.keys[0], pencil) == 0);
	struct scram *x = scram_new(&ch, how & 16);
	enum scram_result result = scram_client_first(x, first);
	const char *user = scram_user(x);
	must(result == SCRAM_MALFORMED || (user && *user && scram_text_fine(str_of(user))));
	if (result == SCRAM_OK) {
		scram_server_first(x, &secret, NONCE, &out);
		must(scram_text_fine(buf_str(&out)));
		buf_reset(&out);
		result = scram_client_final(x, messages.p ? messages : STR(""), &out);
		must((result == SCRAM_OK) == (out.n > 0));
		must(result != SCRAM_OK || !secret.decoy);
	}
	scram_free(x);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct str rest = str_n((const char *)data + 1, size - 1);
	if (data[0] & 1)
		line(rest);
	else
		exchange(data[0], rest);
	return 0;
}
