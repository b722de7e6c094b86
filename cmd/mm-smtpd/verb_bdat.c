#include "num.h"
#include "receive.h"
#include "verbs.h"

/* BDAT: RFC 3030 */

#define SMALL_CHUNK 1024 /* smaller ones that are not the last move nothing forward */

static bool
parse_chunk(struct str args, struct chunk *out)
{
	struct str octets = str_word(&args), word = str_word(&args);
	*out = (struct chunk){.last = word.n > 0};
	return num_u64(octets, 0, UINT64_MAX, &out->octets) == 0 && str_trim(args).n == 0 &&
	       (word.n == 0 || str_ieq(word, STR("LAST")));
}

/* RFC 1870 counts the message; more is not even read when it is announced. */
static bool
far_too_big(const struct session *s, uint64_t octets)
{
	return octets / 2 > s->cfg->max_size;
}

static void
begin_message(struct session *s)
{
	if (s->tx.chunked)
		return;
	s->tx.chunked = true;
	receive_start(s);
}

void
bdat_proceed(struct session *s, struct command *c)
{
	if (!parse_chunk(c->args, &s->chunk)) {
		/* where the next command begins cannot be known */
		session_fault(s, "bdat", "501 5.5.4 expected BDAT octets [LAST]");
		return;
	}
	if (far_too_big(s, s->chunk.octets)) {
		session_fault(s, "too-big", "552 5.3.4 message is far too big");
		return;
	}
	if (s->chunk.octets < SMALL_CHUNK && !s->chunk.last && !verbs_idle(s))
		return;
	s->chunk.refusal = c->wrong;
	if (!s->chunk.refusal && !s->tx.chunked)
		s->chunk.refusal = verbs_no_message_yet(s);
	if (!s->chunk.refusal)
		begin_message(s);
	receive_chunk_start(s);
}
